package stdio

import (
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

// Numbers of <asm-generic/ioctls.h>.
const (
	tiocgptn   = 0x80045430
	tiocsptlck = 0x40045431
	tiocswinsz = 0x5414
)

// openTerminal returns both sides of a new pseudo terminal, of 80 columns until somebody attaches.
func openTerminal() (ours, theirs *os.File, err error) {
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, &os.PathError{Op: "open", Path: "/dev/ptmx", Err: err}
	}
	ours = os.NewFile(uintptr(fd), "/dev/ptmx")
	unlock, number := int32(0), uint32(0)
	err = ioctl(fd, tiocsptlck, unsafe.Pointer(&unlock))
	if err == nil {
		err = ioctl(fd, tiocgptn, unsafe.Pointer(&number))
	}
	if err == nil {
		size := [4]uint16{24, 80}
		_ = ioctl(fd, tiocswinsz, unsafe.Pointer(&size))
		theirs, err = os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		_ = ours.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		return os.NewSyscallError("ioctl", errno)
	}
	return nil
}
