package prepare

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"github.com/icc-project/icc/sdk/initspec"
)

// ifreq is the kernel's struct with the flags of an interface.
type ifreq struct {
	name  [syscall.IFNAMSIZ]byte
	flags uint16
	_     [22]byte
}

// loopback switches lo on, for Incus does so only along with the interfaces of networks.
func loopback(*initspec.Spec) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("switching the loopback interface on: %w", os.NewSyscallError("socket", err))
	}
	defer func() { _ = syscall.Close(fd) }()
	lo := ifreq{name: [syscall.IFNAMSIZ]byte{'l', 'o'}}
	ask := func(what uintptr) syscall.Errno {
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), what, uintptr(unsafe.Pointer(&lo)))
		return errno
	}
	if errno := ask(syscall.SIOCGIFFLAGS); errno != 0 || lo.flags&syscall.IFF_UP != 0 {
		return nil // it is on, or there is none
	}
	lo.flags |= syscall.IFF_UP
	if errno := ask(syscall.SIOCSIFFLAGS); errno != 0 {
		return fmt.Errorf("switching the loopback interface on: %w", os.NewSyscallError("ioctl", errno))
	}
	return nil
}
