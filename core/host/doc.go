// Package host runs plugins: it finds them, refuses what cannot be trusted, starts them on first use, keeps them
// apart from each other and from the user's terminal, says what happened when one dies, and leaves nothing behind.
//
// Plugins are programs named icc-plugin-<name>. They are searched for, and the first of a name wins, in
//
//  1. the directories of --plugin-dir, or else those of ICC_PLUGIN_DIR (separated by colons),
//  2. $XDG_DATA_HOME/icc/plugins, which is ~/.local/share/icc/plugins by default,
//  3. <prefix>/lib/icc/plugins, where icc itself is <prefix>/bin/icc,
//  4. the directory of the icc program.
//
// What a plugin can do is known without starting it: its description is cached by the hash of its file, and the hash
// by the file's size, times and inode.
//
// A file that others may write, that is no program for this machine, or that differs from its directory's lock file
// (see LockFile) is refused at each start. A plugin runs in a process group of its own with a short list of variables,
// and ends with icc in whatever way icc ends: by SIGTERM when it is closed, by the end of its lifeline and connection
// or by SIGHUP from the kernel when icc is killed. A plugin that crashes is started again when it is needed next.
//
// The package knows no kind and no builder, and it does not decide what is run: it hands out sdk.Provider and
// sdk.Builder and keeps them working.
package host
