// Package rundir makes directories that exist as long as the process that made them: for sockets, and for images on
// their way from a builder to the server.
//
// A directory is locked as long as its process lives. The kernel drops the lock however the process ends, so the next
// one that makes a directory of the same use can tell what was left behind, across PID namespaces and whatever has
// become of a process number, and removes it.
package rundir
