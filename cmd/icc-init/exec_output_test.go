//go:build incus

package main_test

import (
	"sync"
	"testing"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestExecHandsOverAllOutput(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{Argv: sh(`echo up; while :; do sleep 1; done`), Grace: grace(0)}, nil)
	c.started(t, "up")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 75 {
				code, out, errs := c.exec(t, initspec.Path, initspec.AppletExec, "--", "sh", "-c", "echo out; echo err >&2; exit 3")
				if code != 3 || out != "out\n" || errs != "err\n" {
					t.Errorf("got %d, %q and %q", code, out, errs)
				}
			}
		})
	}
	all.Wait()
}
