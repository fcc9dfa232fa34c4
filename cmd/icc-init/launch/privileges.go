package launch

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"github.com/icc-project/icc/cmd/icc-init/caps"
	"github.com/icc-project/icc/cmd/icc-init/users"
)

// Numbers of <linux/prctl.h> and <linux/capability.h> that package syscall does not know.
const (
	prCapBSetDrop   = 24
	prSetNoNewPrivs = 38
	prCapAmbient    = 47
	ambientClearAll = 4
	capVersion3     = 0x20080522
)

func prctl(option, arg uintptr) error {
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, option, arg, 0, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// bounding returns what this container may have at most.
func bounding() (caps.Set, error) {
	status, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "\nCapBnd:")
	value, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	set, err := strconv.ParseUint(value, 16, 64)
	return caps.Set(set), err
}

func dropBounding(drop caps.Set) error {
	for n := range uintptr(64) {
		if drop&(1<<n) == 0 {
			continue
		}
		if err := prctl(prCapBSetDrop, n); err != nil {
			return err
		}
	}
	return nil
}

// setIDs changes this thread only. Another user than root loses all capabilities by it. Beside a PID 1 of the image's
// that has dropped its capabilities, applets have none to begin with: there, who is to be root stays as he is.
func setIDs(id users.Identity) error {
	groups := make([]uint32, len(id.Groups)+1)
	for i, g := range id.Groups {
		groups[i] = uint32(g)
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETGROUPS, uintptr(len(id.Groups)), uintptr(unsafe.Pointer(&groups[0])), 0); errno != 0 {
		same := id.UID == syscall.Getuid() && id.GID == syscall.Getgid()
		if errno != syscall.EPERM || !same {
			return errno
		}
	}
	gid, uid := uintptr(id.GID), uintptr(id.UID)
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESGID, gid, gid, gid); errno != 0 {
		return errno
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, uid, uid, uid); errno != 0 {
		return errno
	}
	return nil
}

type capHeader struct {
	version uint32
	pid     int32
}

type capData struct{ effective, permitted, inheritable uint32 }

// limit keeps of this thread's capabilities those in keep, and hands none on by inheritance.
func limit(keep caps.Set) error {
	if err := ambientClear(); err != nil && err != syscall.EINVAL { // before Linux 4.3 there are none
		return err
	}
	header := capHeader{version: capVersion3}
	var data [2]capData
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPGET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&data)), 0); errno != 0 {
		return errno
	}
	for i := range data {
		data[i].permitted &= uint32(keep >> (32 * i))
		data[i].effective &= data[i].permitted
		data[i].inheritable = 0
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&data)), 0); errno != 0 {
		return errno
	}
	return nil
}

func ambientClear() error { return prctl(prCapAmbient, ambientClearAll) }
