package socket

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// backlog is how many connections wait for Accept before further ones are held up.
const backlog = 64

// Listener accepts connections.
type Listener struct {
	file *os.File
	conn syscall.RawConn
	path string
}

// Listen makes the socket file at path, for its owner only, in the place of any that an earlier process has left there.
func Listen(path string) (*Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the old socket %q: %w", path, err)
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("making a socket: %w", err)
	}
	// Nobody connects before listen(2), so the mode is right in time.
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		syscall.Close(fd)
		return nil, fmt.Errorf("binding socket %q: %w", path, err)
	}
	err = os.Chmod(path, 0o600)
	if err == nil {
		err = syscall.Listen(fd, backlog)
	}
	file := os.NewFile(uintptr(fd), path)
	conn, rawErr := file.SyscallConn()
	if err = errors.Join(err, rawErr); err != nil {
		file.Close()
		return nil, fmt.Errorf("listening on socket %q: %w", path, err)
	}
	return &Listener{file: file, conn: conn, path: path}, nil
}

// Accept waits for the next connection; its error is os.ErrClosed after Close.
func (l *Listener) Accept() (*os.File, error) {
	var fd int
	var err error
	waitErr := l.conn.Read(func(listener uintptr) bool {
		for {
			fd, _, err = syscall.Accept4(int(listener), syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK)
			if err != syscall.EINTR && err != syscall.ECONNABORTED {
				return err != syscall.EAGAIN
			}
		}
	})
	if waitErr != nil {
		return nil, os.ErrClosed
	}
	if err != nil {
		return nil, fmt.Errorf("accepting on socket %q: %w", l.path, err)
	}
	return os.NewFile(uintptr(fd), l.path), nil
}

// Close removes the socket file and ends Accept.
func (l *Listener) Close() error {
	err := os.Remove(l.path)
	return errors.Join(err, l.file.Close())
}

// Dial connects to the socket at path.
func Dial(path string) (*os.File, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("making a socket: %w", err)
	}
	err = retryInterrupted(func() error { return syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}) })
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		syscall.Close(fd)
		return nil, fmt.Errorf("connecting to socket %q: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

func retryInterrupted(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}
