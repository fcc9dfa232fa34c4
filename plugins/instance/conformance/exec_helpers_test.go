//go:build incus

package conformance

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// session is an exec under test.
type session struct {
	req     sdk.SessionRequest
	stdin   chan []byte
	resize  chan sdk.WindowSize
	signals chan int
	mu      sync.Mutex
	out     bytes.Buffer
	err     bytes.Buffer
	done    chan struct{}
	code    int
	failure error
}

// exec starts a command; wait for done.
func (l *lab) exec(ctx context.Context, c kinds.InstanceConfig, change func(*sdk.SessionRequest), args ...string) *session {
	l.t.Helper()
	s := &session{
		stdin: make(chan []byte, 16), resize: make(chan sdk.WindowSize, 4), signals: make(chan int, 4), done: make(chan struct{}),
		req: sdk.SessionRequest{Resource: l.resolve(c)[0], State: l.state(c), Verb: sdk.SessionExec, Args: args},
	}
	if change != nil {
		change(&s.req)
	}
	go func() {
		defer close(s.done)
		s.code, s.failure = l.provider.Session(ctx, s.req, sdk.SessionIO{
			Stdin: s.stdin, Resize: s.resize, Signals: s.signals, Output: s.output,
		})
	}()
	return s
}

func (s *session) output(stream resource.Stream, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stream == resource.Stderr {
		s.err.Write(data)
		return nil
	}
	s.out.Write(data)
	return nil
}

func (s *session) stdout() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

func (s *session) stderr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err.String()
}

// sh runs a command to its end and returns its standard output.
func (l *lab) sh(c kinds.InstanceConfig, command string) string {
	l.t.Helper()
	s := l.exec(l.t.Context(), c, nil, "sh", "-c", command)
	<-s.done
	if s.failure != nil || s.code != 0 {
		l.t.Fatalf("running %q: code %d, %v\n%s%s", command, s.code, s.failure, s.stdout(), s.stderr())
	}
	return s.stdout()
}

func (s *session) end(t *testing.T, code int) {
	t.Helper()
	<-s.done
	if s.failure != nil || s.code != code {
		t.Errorf("%q ended with code %d and error %v, want code %d\n%s%s", s.req.Args, s.code, s.failure, code, s.stdout(), s.stderr())
	}
}
