package connect

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// localSocket is a unix socket of this machine's server.
type localSocket struct {
	path string
	// project is set when the socket is the one for unprivileged users, who have a project of their own.
	project string
}

// findSocket follows the incus command: an explicit path, INCUS_SOCKET, INCUS_DIR, then the two usual directories,
// and there the users' socket when the administrators' one is closed to us.
func findSocket(explicit string, getenv func(string) string) localSocket {
	if explicit != "" {
		return localSocket{path: explicit}
	}
	if s := getenv("INCUS_SOCKET"); s != "" {
		return localSocket{path: s}
	}
	dir := getenv("INCUS_DIR")
	if dir == "" {
		dir = "/var/lib/incus"
		if _, err := os.Lstat("/run/incus/unix.socket"); err == nil {
			dir = "/run/incus"
		}
	}
	path, users := filepath.Join(dir, "unix.socket"), filepath.Join(dir, "unix.socket.user")
	if !writable(path) && writable(users) {
		return localSocket{path: users, project: fmt.Sprintf("user-%d", os.Geteuid())}
	}
	return localSocket{path: path}
}

func writable(path string) bool { return unix.Access(path, unix.W_OK) == nil }
