package main

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/wire"
)

func TestAProcessIsKnownToHaveEnded(t *testing.T) {
	t.Parallel()
	self := thisProcess()
	part := strings.Fields(self)
	if len(part) != 3 {
		t.Fatalf("this process is %q", self)
	}
	sleeper := exec.Command("sleep", "600")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	plugin := exec.Command("sleep", "600")
	plugin.Env = []string{wire.HostEnv + "=" + strconv.Itoa(sleeper.Process.Pid)}
	if err := plugin.Start(); err != nil {
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
	for _, c := range []struct {
		what  string
		kill  *exec.Cmd
		ended bool
	}{{"it was killed, and its plugin goes on", sleeper, false}, {"its plugin has ended, too", plugin, true}} {
		if err := c.kill.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.kill.Wait() // it says that it was killed
		if hasEnded(other) != c.ended {
			t.Errorf("%s, and ended is %v", c.what, !c.ended)
		}
	}
}
