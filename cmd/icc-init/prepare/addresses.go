package prepare

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// addresses returns the container's own addresses, IPv4 first. Incus has set them before PID 1 starts.
func addresses() []string {
	list := ipv4Addresses()
	table, err := os.ReadFile("/proc/net/if_inet6")
	if err != nil {
		return list // IPv6 is off
	}
	return append(list, ipv6Addresses(string(table))...)
}

// ipv4Addresses asks the kernel for the interfaces' addresses (SIOCGIFCONF), but for the loopback's.
func ipv4Addresses() []string {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer func() { _ = syscall.Close(fd) }()
	const size, most = 40, 64 // of struct ifreq on 64 bits
	buffer := make([]byte, size*most)
	request := struct {
		length int32
		_      int32
		buffer unsafe.Pointer
	}{length: int32(len(buffer)), buffer: unsafe.Pointer(&buffer[0])}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCGIFCONF, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return nil
	}
	var list []string
	for at := 0; at+size <= int(request.length); at += size {
		a := buffer[at+16+4 : at+16+8] // after the name: family, port, address
		if a[0] != 127 {
			list = append(list, fmt.Sprintf("%d.%d.%d.%d", a[0], a[1], a[2], a[3]))
		}
	}
	return list
}

// ipv6Addresses reads /proc/net/if_inet6: "ADDRESS INDEX PREFIX SCOPE FLAGS NAME". Only those of global scope count.
func ipv6Addresses(table string) []string {
	var list []string
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 6 || len(f[0]) != 32 || f[3] != "00" {
			continue
		}
		var groups []string
		for at := 0; at < 32; at += 4 {
			n, _ := strconv.ParseUint(f[0][at:at+4], 16, 16)
			groups = append(groups, strconv.FormatUint(n, 16))
		}
		list = append(list, strings.Join(groups, ":"))
	}
	return list
}

// gateway returns the default gateway's IPv4 address, or "".
func gateway() string {
	table, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return ""
	}
	return defaultGateway(string(table))
}

func defaultGateway(table string) string {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 3 || f[1] != "00000000" {
			continue
		}
		a, err := hex.DecodeString(f[2])
		if err != nil || len(a) != 4 || binary.BigEndian.Uint32(a) == 0 {
			continue
		}
		return fmt.Sprintf("%d.%d.%d.%d", a[3], a[2], a[1], a[0])
	}
	return ""
}
