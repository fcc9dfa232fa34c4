package attach

import (
	"encoding/binary"
	"os"
	"syscall"
	"unsafe"
)

// Size is that of a terminal. Its zero value means unknown.
type Size struct {
	Rows, Cols uint16
}

// winsize is the kernel's struct.
type winsize struct {
	rows, cols, _, _ uint16
}

// TerminalSize returns the size of the terminal f; it fails when f is none.
func TerminalSize(f *os.File) (Size, error) {
	var w winsize
	err := ioctl(f, syscall.TIOCGWINSZ, unsafe.Pointer(&w))
	return Size{Rows: w.rows, Cols: w.cols}, err
}

// Apply gives the terminal f the size, which tells its processes by SIGWINCH when it is new.
func (s Size) Apply(f *os.File) error {
	return ioctl(f, syscall.TIOCSWINSZ, unsafe.Pointer(&winsize{rows: s.Rows, cols: s.Cols}))
}

func (s Size) known() bool { return s.Rows > 0 && s.Cols > 0 }

func (s Size) bytes() []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, s.Rows), s.Cols)
}

func sizeFrom(payload []byte) Size {
	if len(payload) != 4 {
		return Size{}
	}
	return Size{Rows: binary.BigEndian.Uint16(payload), Cols: binary.BigEndian.Uint16(payload[2:])}
}

// ioctl goes through SyscallConn, because Fd would make a terminal's reads block for ever.
func ioctl(f *os.File, request uintptr, arg unsafe.Pointer) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = conn.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(arg))
	})
	if err == nil && errno != 0 {
		err = os.NewSyscallError("ioctl", errno)
	}
	return err
}
