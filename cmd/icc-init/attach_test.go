//go:build incus

package main_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestTheFirstStartWaitsForWhoWantsToSeeAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, takeover := range map[string]bool{"supervised": false, "with an init of its own": true} {
		last := "exit 6"
		if takeover { // the end of PID 1 is that of all, so that last words need a moment
			last = "sleep 3"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := b.create(t, "busybox", initspec.Spec{
				Argv: sh(`echo first; while read line; do echo "got $line"; done; echo end; ` + last), Stdin: true, AwaitAttach: true, Takeover: takeover,
			}, nil)
			c.start(t)
			time.Sleep(500 * time.Millisecond)
			if s := c.state(t); s.Phase != initspec.PhaseStarting {
				t.Fatalf("before anybody is attached: %+v", s)
			}
			var stdout bytes.Buffer
			eof := make(chan bool)
			op, err := c.server.ExecInstance(c.name, api.InstanceExecPost{
				Command: []string{initspec.Path, initspec.AppletAttach, "-i"}, WaitForWS: true,
			}, &incus.InstanceExecArgs{
				Stdin: io.NopCloser(strings.NewReader("one\ntwo\n")), Stdout: nopWriter{&stdout}, Stderr: nopWriter{io.Discard}, DataDone: eof,
			})
			if err != nil {
				t.Fatal(err)
			}
			_ = op.Wait()
			<-eof
			if want := "first\ngot one\ngot two\nend\n"; stdout.String() != want {
				t.Errorf("attached, one sees %q", stdout.String())
			}
			if code, _ := op.Get().Metadata["return"].(float64); !takeover && code != 6 {
				t.Errorf("attach ends with %v", code)
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
	time.Sleep(300 * time.Millisecond)
	c.stop(t)
	if s := c.state(t); !s.Ended() {
		t.Errorf("the state is %+v", s)
	}
}
