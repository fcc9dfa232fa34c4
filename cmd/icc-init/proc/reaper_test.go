package proc

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestEachChildGetsItsOwnEnd(t *testing.T) {
	t.Parallel()
	r := NewReaper()
	var all sync.WaitGroup
	for code := range 64 {
		all.Go(func() {
			p, err := r.Start("/bin/sh", []string{"sh", "-c", "exit " + string(rune('0'+code%10))}, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
			if err != nil {
				t.Error(err)
				return
			}
			select {
			case <-p.Done():
			case <-time.After(2 * time.Minute):
				t.Errorf("the child %d was never reaped", p.PID)
				return
			}
			if p.Status().ExitStatus() != code%10 {
				t.Errorf("got %d for %d", p.Status().ExitStatus(), code%10)
			}
			if err := p.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
				t.Errorf("signalling what has ended: %v", err)
			}
		})
	}
	all.Wait()
	if _, err := r.Start("/nonexistent", []string{"x"}, &syscall.ProcAttr{}); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("starting what is not there: %v", err)
	}
}
