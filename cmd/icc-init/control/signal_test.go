package control_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/icc-project/icc/cmd/icc-init/control"
)

func TestSignalsAreReadAsDockerReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]syscall.Signal{
		"TERM": 15, "SIGTERM": 15, "sigterm": 15, "15": 15, "9": 9, "KILL": 9, "USR1": 10, "WINCH": 28, "PWR": 30, "HUP": 1,
		"QUIT": 3, "RTMIN": 34, "RTMIN+3": 37, "SIGRTMIN+3": 37, "RTMAX": 64, "RTMAX-2": 62, "64": 64, "CLD": 17, "POLL": 29, "SYS": 31,
	} {
		if got, err := control.ParseSignal(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
}

func TestWhatIsNoSignalIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "SIG", "FOO", "0", "65", "-1", "RTMIN-1", "RTMIN+31", "RTMAX+1", "RTMAX-31", "RTMIN+", "RTMIN+-1", "TERM "} {
		if got, err := control.ParseSignal(text); err == nil || !strings.Contains(err.Error(), "no such signal") {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
}

func TestNamesOfSignalsReadBack(t *testing.T) {
	t.Parallel()
	for n := syscall.Signal(1); n <= 64; n++ {
		name := control.SignalName(n)
		if got, err := control.ParseSignal(name); err != nil || got != n {
			t.Errorf("%d is %s, which is %d, %v", n, name, got, err)
		}
		if n != 32 && n != 33 && !strings.HasPrefix(name, "SIG") {
			t.Errorf("%d has the name %q", n, name)
		}
	}
}
