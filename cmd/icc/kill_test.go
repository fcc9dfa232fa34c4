package main

import "testing"

func TestSignalsAreNamesOrNumbers(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"SIGTERM", "term", "HUP", "SIGUSR1", "9", "64", "SIGRTMIN+3", "RTMAX", "rtmax-2", "SIGCLD"} {
		if err := checkSignal(good); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
	for _, bad := range []string{"", "0", "65", "-9", "SIG", "SIGNONE", "9x", "TERM HUP", "SIGRTMINX", "SIGRTMIN+99", "RTMAX+1"} {
		if checkSignal(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
