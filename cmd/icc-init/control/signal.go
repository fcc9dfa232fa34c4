package control

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Realtime signals as the C libraries number them for programs: they keep the first two to themselves.
const (
	rtMin = 34
	rtMax = 64
)

var errSignal = errors.New("there is no such signal")

// ParseSignal reads a signal as Docker does: "TERM", "sigterm", "15", "RTMIN+3", "RTMAX-1".
func ParseSignal(text string) (syscall.Signal, error) {
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 || n > rtMax {
			return 0, fmt.Errorf("signal %q: %w; numbers go from 1 to %d", text, errSignal, rtMax)
		}
		return syscall.Signal(n), nil
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if n, ok := map[string]int{"IOT": 6, "CLD": 17, "POLL": 29}[name]; ok {
		return syscall.Signal(n), nil
	}
	if n := slices.Index(signalNames(), name); n > 0 {
		return syscall.Signal(n), nil
	}
	if n, ok := realtimeSignal(name); ok {
		return syscall.Signal(n), nil
	}
	return 0, fmt.Errorf("signal %q: %w; say a name like TERM, SIGTERM or RTMIN+3, or a number", text, errSignal)
}

// SignalName returns the name with SIG, "SIGTERM" or "SIGRTMIN+3", and the number for what has no name.
func SignalName(sig syscall.Signal) string {
	n := int(sig)
	switch names := signalNames(); {
	case n == rtMin:
		return "SIGRTMIN"
	case n > rtMin && n <= rtMax:
		return "SIGRTMIN+" + strconv.Itoa(n-rtMin)
	case n > 0 && n < len(names) && names[n] != "":
		return "SIG" + names[n]
	}
	return strconv.Itoa(n)
}

// realtimeSignal reads RTMIN, RTMIN+n, RTMAX and RTMAX-n.
func realtimeSignal(name string) (int, bool) {
	base, rest := rtMin, ""
	switch {
	case strings.HasPrefix(name, "RTMIN"):
		rest = name[len("RTMIN"):]
		if rest != "" && rest[0] != '+' {
			return 0, false
		}
	case strings.HasPrefix(name, "RTMAX"):
		base, rest = rtMax, name[len("RTMAX"):]
		if rest != "" && rest[0] != '-' {
			return 0, false
		}
	default:
		return 0, false
	}
	if rest == "" {
		return base, true
	}
	offset, err := strconv.Atoi(rest)
	if strings.ContainsAny(rest[1:], "+-") {
		return 0, false
	}
	if err != nil || base+offset < rtMin || base+offset > rtMax {
		return 0, false
	}
	return base + offset, true
}

// signalNames are Linux' names by number, the same on amd64 and arm64.
func signalNames() []string {
	return []string{
		"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
		"TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH",
		"IO", "PWR", "SYS",
	}
}
