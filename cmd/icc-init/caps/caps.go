package caps

import (
	"fmt"
	"strings"
)

// Set has the bit n for the capability with the number n.
type Set uint64

// All is the name of all capabilities the container has.
const All = "ALL"

// names returns the capabilities in the order of their numbers.
func names() []string {
	return []string{
		"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
		"LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
		"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
		"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
		"MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
		"CHECKPOINT_RESTORE",
	}
}

// Parse reads names with or without CAP_, in any case. The second result is whether ALL was among them.
func Parse(list []string) (Set, bool, error) {
	var set Set
	all := false
	known := names()
next:
	for _, item := range list {
		name := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(item)), "CAP_")
		if name == All {
			all = true
			continue
		}
		for n, k := range known {
			if k == name {
				set |= 1 << n
				continue next
			}
		}
		return 0, false, fmt.Errorf("unknown capability %q", item)
	}
	return set, all, nil
}

// Tweak applies Docker's rules to what the container has: adding ALL, then dropping ALL, go before single names. What the
// container does not have cannot be added.
func Tweak(have Set, add, drop []string) (Set, error) {
	added, addAll, err := Parse(add)
	if err != nil {
		return 0, err
	}
	dropped, dropAll, err := Parse(drop)
	if err != nil {
		return 0, err
	}
	switch {
	case addAll:
		return have &^ dropped, nil
	case dropAll:
		return have & added, nil
	default:
		return have &^ (dropped &^ added), nil
	}
}
