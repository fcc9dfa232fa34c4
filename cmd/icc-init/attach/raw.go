package attach

import (
	"os"
	"syscall"
	"unsafe"
)

// Raw switches the terminal f to pass every key on, Ctrl-C too, and returns how to switch it back.
func Raw(f *os.File) (restore func(), err error) {
	var before syscall.Termios
	if err := ioctl(f, syscall.TCGETS, unsafe.Pointer(&before)); err != nil {
		return nil, err
	}
	raw := before
	raw.Iflag &^= syscall.IGNBRK | syscall.BRKINT | syscall.PARMRK | syscall.ISTRIP | syscall.INLCR | syscall.IGNCR |
		syscall.ICRNL | syscall.IXON
	raw.Oflag &^= syscall.OPOST
	raw.Lflag &^= syscall.ECHO | syscall.ECHONL | syscall.ICANON | syscall.ISIG | syscall.IEXTEN
	raw.Cflag = raw.Cflag&^(syscall.CSIZE|syscall.PARENB) | syscall.CS8
	raw.Cc[syscall.VMIN], raw.Cc[syscall.VTIME] = 1, 0
	if err := ioctl(f, syscall.TCSETS, unsafe.Pointer(&raw)); err != nil {
		return nil, err
	}
	return func() {
		_ = ioctl(f, syscall.TCSETS, unsafe.Pointer(&before)) // the terminal may be gone
	}, nil
}
