package resolver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// open makes a socket that the runtime waits for, and connects or binds it.
func open(kind int, a address, use func(fd int) error) (*os.File, error) {
	fd, err := syscall.Socket(a.family, kind|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := use(fd); err != nil {
		_ = syscall.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "resolver"), nil
}

// waiting is how many packets the kernel may keep while nobody takes them, in bytes as it counts them.
const waiting = 1 << 20

func bindDatagrams(a address) (*os.File, error) {
	return open(syscall.SOCK_DGRAM, a, func(fd int) error {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, waiting) // as far as the host allows
		return os.NewSyscallError("bind", syscall.Bind(fd, a.kernel()))
	})
}

func listenStream(a address) (*os.File, error) {
	return open(syscall.SOCK_STREAM, a, func(fd int) error {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) // old connections do not matter
		if err := syscall.Bind(fd, a.kernel()); err != nil {
			return os.NewSyscallError("bind", err)
		}
		return os.NewSyscallError("listen", syscall.Listen(fd, maxConnections))
	})
}

// dialDatagram returns a socket with a port of its own that hears this server only.
func dialDatagram(a address) (*os.File, error) {
	return open(syscall.SOCK_DGRAM, a, func(fd int) error { return os.NewSyscallError("connect", syscall.Connect(fd, a.kernel())) })
}

func dialStream(a address, until time.Time) (*os.File, error) {
	f, err := open(syscall.SOCK_STREAM, a, func(fd int) error {
		if err := syscall.Connect(fd, a.kernel()); err != syscall.EINPROGRESS {
			return os.NewSyscallError("connect", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	_ = f.SetDeadline(until)
	waitErr := whenever(f, syscall.RawConn.Write, func(fd int) error {
		if _, err := syscall.Getpeername(fd); err == nil {
			return nil
		}
		switch code, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ERROR); {
		case err != nil:
			return err
		case code != 0:
			return syscall.Errno(code)
		}
		return syscall.EAGAIN
	})
	if waitErr != nil {
		_ = f.Close()
		return nil, fmt.Errorf("connecting: %w", waitErr)
	}
	return f, nil
}

// accept takes the next connection.
func accept(listener *os.File) (*os.File, error) {
	var conn int
	err := whenever(listener, syscall.RawConn.Read, func(fd int) (err error) {
		conn, _, err = syscall.Accept4(fd, syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK)
		return err
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(conn), "resolver"), nil
}

// whenever repeats a call each time the socket becomes ready, for as long as it says EAGAIN.
func whenever(f *os.File, ready func(syscall.RawConn, func(fd uintptr) bool) error, call func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var said error
	waitErr := ready(conn, func(fd uintptr) bool {
		for said = call(int(fd)); said == syscall.EINTR; said = call(int(fd)) {
		}
		return said != syscall.EAGAIN
	})
	if waitErr != nil {
		return waitErr
	}
	return said
}

// receive takes one packet, whatever its size, from whomever. A packet may be empty.
func receive(f *os.File) (packet []byte, from syscall.Sockaddr, err error) {
	err = whenever(f, syscall.RawConn.Read, func(fd int) error {
		size, _, err := syscall.Recvfrom(fd, make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_TRUNC)
		if err != nil {
			return err
		}
		packet = make([]byte, max(size, 1))
		n, whom, err := syscall.Recvfrom(fd, packet, 0)
		packet, from = packet[:max(n, 0)], whom
		return err
	})
	return packet, from, err
}

// readMessage reads a message of a stream, which has its length before it.
func readMessage(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	m := make([]byte, int(length[0])<<8|int(length[1]))
	_, err := io.ReadFull(r, m)
	return m, err
}

func writeMessage(w io.Writer, m []byte) error {
	if len(m) > 1<<16-1 {
		return errors.New("a message is too long for a stream")
	}
	_, err := w.Write(append([]byte{byte(len(m) >> 8), byte(len(m))}, m...))
	return err
}
