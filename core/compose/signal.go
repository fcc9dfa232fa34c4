package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lastSignal is the highest number of a signal.
const lastSignal = 64

// SignalHint is what to do about something that is no signal.
const SignalHint = "write a name like SIGTERM or HUP, or a number from 1 to 64"

// IsSignal says whether something is the name of a signal, with or without SIG, or the number of one.
func IsSignal(s string) bool {
	if n, err := strconv.Atoi(s); err == nil {
		return n > 0 && n <= lastSignal
	}
	name := "SIG" + strings.TrimPrefix(strings.ToUpper(s), "SIG")
	other := []string{"SIGIOT", "SIGCLD", "SIGPOLL"}
	return unix.SignalNum(name) != 0 || realTime(name) || slices.Contains(other, name)
}

// realTime says whether a name is that of a real-time signal: counted up from the first or down from the last one.
func realTime(name string) bool {
	const most = 30
	for prefix, sign := range map[string]string{"SIGRTMIN": "+", "SIGRTMAX": "-"} {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimPrefix(rest, sign))
		return rest == "" || strings.HasPrefix(rest, sign) && err == nil && n >= 0 && n <= most
	}
	return false
}

// stopSignal is the signal that ends the service; empty means the image's.
func (t *translator) stopSignal(s serviceConfig) string {
	if s.StopSignal != "" && !IsSignal(s.StopSignal) {
		t.fail(servicePath(s.Name)+".stop_signal", fmt.Sprintf("%q is no signal", s.StopSignal), SignalHint)
	}
	return s.StopSignal
}
