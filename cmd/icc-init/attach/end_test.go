package attach_test

import (
	"context"
	"io"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/sdk/initspec"
)

// slow is a client's connection that takes something every pause, or nothing without one, and goes when it has all.
type slow struct {
	pause     time.Duration
	all, took int
	gone      chan struct{}
	closing   sync.Once
}

func (s *slow) Read([]byte) (int, error) { <-s.gone; return 0, io.EOF }

func (s *slow) Close() error { s.closing.Do(func() { close(s.gone) }); return nil }

func (s *slow) Write(p []byte) (int, error) {
	var next <-chan time.Time
	if s.pause > 0 {
		next = time.After(s.pause)
	}
	select {
	case <-s.gone:
		return 0, os.ErrClosed
	case <-next:
	}
	if s.took += len(p); s.took == s.all {
		s.Close()
	}
	return len(p), nil
}

func TestTheEndWaitsForAClientAsLongAsItTakesSomething(t *testing.T) {
	t.Parallel()
	const second, size, frames, head, exit = time.Second, 900 << 10, 29, 5, 9
	for name, tt := range map[string]struct {
		pause, most, want time.Duration
		all               bool
	}{
		"all of it":              {second, time.Minute, frames * second, true},
		"up to the bound":        {second, 10 * second, 10 * second, false},
		"and no longer than two": {0, time.Minute, 2 * second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub, client := attach.NewHub(), &slow{pause: tt.pause, all: size + frames*head + exit, gone: make(chan struct{})}
				left := make(chan struct{})
				go func() { hub.Attach(client, attach.Size{}, nil); close(left) }()
				<-hub.Attached()
				hub.Output(initspec.Stdout).Write(make([]byte, size))
				ctx, cancel := context.WithTimeout(t.Context(), tt.most)
				defer cancel()
				begin := time.Now()
				hub.End(ctx, 0, 2*second)
				if took := time.Since(begin); took < tt.want || took > tt.want+2*second {
					t.Errorf("it took %v, want %v", took, tt.want)
				}
				<-left
				if (client.took == client.all) != tt.all {
					t.Errorf("%d bytes arrived of %d", client.took, client.all)
				}
			})
		})
	}
}
