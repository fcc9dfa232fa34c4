package main

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestAProcessIsKnownToHaveEnded(t *testing.T) {
	t.Parallel()
	self := thisProcess()
	part := strings.Fields(self)
	if len(part) != 3 {
		t.Fatalf("this process is %q", self)
	}
	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(sleeper.Process.Pid)
	other := part[0] + " " + pid + " " + startOf(sleeper.Process.Pid)
	for process, ended := range map[string]bool{
		self:                           false,
		other:                          false,
		part[0] + " " + part[1] + " 1": true, // another one that had the number before
		"elsewhere 1 1":                false,
		"":                             false,
		part[0] + " x y":               false,
	} {
		if hasEnded(process) != ended {
			t.Errorf("%q: ended is %v", process, !ended)
		}
	}
	if err := sleeper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = sleeper.Wait() // it says that it was killed
	if !hasEnded(other) {
		t.Errorf("%q was killed, which is not seen", other)
	}
}
