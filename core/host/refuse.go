package host

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/icc-project/icc/sdk/resource"
)

// identity tells whether a file is still the one that was looked at before. ctime cannot be set back by the owner.
type identity struct {
	Path  string `json:"path"`
	Dev   uint64 `json:"dev"`
	Inode uint64 `json:"inode"`
	Size  int64  `json:"size"`
	Mtime int64  `json:"mtime_ns"`
	Ctime int64  `json:"ctime_ns"`
}

// refuse returns the error for a plugin that is not started, with what to do about it.
func refuse(path, why, hint string) error {
	return resource.ErrPluginVerify.WithText(fmt.Sprintf("%s is refused: %s", path, why)).WithHint(hint)
}

// inspect checks that the file and its directory can only be changed by somebody who is trusted, that it is a program
// for this machine, and returns its identity.
func inspect(path string) (identity, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return identity{}, refuse(path, "it cannot be read: "+err.Error(), "remove or replace the file")
	}
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(real)} {
		if err := inspectOwner(path, dir, "its directory "+dir); err != nil {
			return identity{}, err
		}
	}
	info, err := os.Stat(real)
	if err != nil {
		return identity{}, refuse(path, "it cannot be read: "+err.Error(), "remove or replace the file")
	}
	if !info.Mode().IsRegular() {
		return identity{}, refuse(path, "it is not a regular file", "remove it from the plugin directory")
	}
	if err := inspectOwner(path, real, "it"); err != nil {
		return identity{}, err
	}
	if info.Mode().Perm()&0o111 == 0 {
		return identity{}, refuse(path, "it is not executable", "run: chmod +x "+path)
	}
	if err := unix.Access(real, unix.X_OK); err != nil {
		return identity{}, refuse(path, "you may not execute it: "+err.Error(),
			"check its permissions, and that its file system is not mounted with noexec")
	}
	if err := inspectProgram(path, real); err != nil {
		return identity{}, err
	}
	return identityOf(path, info), nil
}

func identityOf(path string, info os.FileInfo) identity {
	st := info.Sys().(*syscall.Stat_t)
	return identity{
		Path: path, Dev: uint64(st.Dev), Inode: st.Ino, Size: st.Size,
		Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano(),
	}
}

// inspectOwner checks who may change target, a file or a directory that is called what in the message.
func inspectOwner(path, target, what string) error {
	info, err := os.Stat(target)
	if err != nil {
		return refuse(path, what+" cannot be read: "+err.Error(), "check the permissions")
	}
	if info.Mode().Perm()&0o002 != 0 {
		return refuse(path, what+" can be written by everybody", "run: chmod o-w "+target)
	}
	if uid := info.Sys().(*syscall.Stat_t).Uid; !trusted(uid) {
		return refuse(path, fmt.Sprintf("%s belongs to user %d, who is neither root nor you", what, uid),
			"if you trust it, copy the plugin into a directory of your own")
	}
	return nil
}

// trusted says whether files of the user may be run: root's, one's own, and those of whoever owns the program that
// is running already, for example in a checkout that is used with sudo.
func trusted(uid uint32) bool {
	if uid == 0 || int(uid) == os.Geteuid() {
		return true
	}
	info, err := os.Stat(executable())
	return err == nil && info.Sys().(*syscall.Stat_t).Uid == uid
}
