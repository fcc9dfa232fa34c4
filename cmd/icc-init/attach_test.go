//go:build incus

package main_test

import (
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestTheFirstStartWaitsForWhoWantsToSeeAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, takeover := range map[string]bool{"supervised": false, "with an init of its own": true} {
		last := "exit 6"
		if takeover { // the end of PID 1 is that of all, so that last words need a moment
			last = "sleep 10"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := b.create(t, "busybox", initspec.Spec{
				Argv: sh(`echo first; while read line; do echo "got $line"; done; echo end; ` + last), Stdin: true, AwaitAttach: true, Takeover: takeover,
			}, nil)
			c.start(t)
			c.untilStarting(t)
			time.Sleep(500 * time.Millisecond)
			if s := c.state(t); s.Phase != initspec.PhaseStarting {
				t.Fatalf("before anybody is attached: %+v", s)
			}
			code, stdout, _, err := c.fed(t, "one\ntwo\n", initspec.Path, initspec.AppletAttach, "-i")
			if want := "first\ngot one\ngot two\nend\n"; stdout != want {
				t.Errorf("attached, one sees %q", stdout)
			}
			if !takeover && (code != 6 || err != nil) {
				t.Errorf("attach ends with %d, %v", code, err)
			}
			if s := c.state(t); !takeover && s.ExitCode != 6 {
				t.Errorf("the state is %+v", s)
			}
		})
	}
}

func TestAStopEndsTheWaitForSomebodyToAttach(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{Argv: []string{"true"}, AwaitAttach: true}, nil)
	c.start(t)
	c.untilStarting(t)
	time.Sleep(300 * time.Millisecond) // by now it waits
	c.stop(t)
	if s := c.state(t); !s.Ended() {
		t.Errorf("the state is %+v", s)
	}
}

// untilStarting waits until icc-init can be asked and has not started the command.
func (c container) untilStarting(t *testing.T) {
	t.Helper()
	c.until(t, "starting", func(s initspec.State) bool {
		files := c.files(t)
		defer func() { _ = files.Close() }()
		_, err := files.Lstat(c.name + "/" + initspec.ControlSocket)
		return err == nil && s.Phase == initspec.PhaseStarting
	})
}
