package builders

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func (s *suite) fails(t *testing.T) {
	for name, test := range map[string]struct {
		containerfile string
		target        string
		text, hint    string
	}{
		"a failing step":    {"FROM busybox:1\nRUN echo before; echo oops >&2; exit 3\nRUN true\n", "", "failed at Containerfile:2, " + strings.Replace(s.Step, "RUN x", "RUN echo before", 1), "correct the Containerfile"},
		"a missing file":    {"FROM busybox:1\nCOPY nosuch /\n", "", "nosuch", "correct the Containerfile"},
		"no such base":      {"FROM docker.io/test/nosuch:1\n", "", "nosuch", "check the image named in FROM"},
		"a wrong directive": {"FROM busybox:1\nRUNN x\n", "", "RUNN", "correct the Containerfile"},
		"no such stage":     {"FROM busybox:1\n", "prod", "prod", "check build.target"},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, map[string]string{"Containerfile": test.containerfile})
			s.leavesNothing(t, req)
			req.Build.Target = test.target
			_, err := s.New().Build(t.Context(), req, resource.Discard{})
			wants(t, err, resource.ErrBuild, test.text, test.hint)
			if name == "a failing step" && err != nil && !strings.Contains(err.Error(), "oops") {
				t.Errorf("the last lines are missing: %v", err)
			}
		})
	}
}

// started matches what a step has printed, not the instruction itself.
var started = regexp.MustCompile(`(?m)(^|\s)started$`)

func (s *suite) cancels(t *testing.T) {
	for name, step := range map[string]string{
		"a step that ends": "sleep 1000", "a step that does not listen": "trap '' TERM INT; while :; do sleep 1; done",
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nRUN echo started; " + step + "\n"})
			s.leavesNothing(t, req)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			sink := &Heard{}
			var asked atomic.Int64 // when it was asked to end
			go func() {
				for !started.MatchString(sink.String()) && ctx.Err() == nil {
					time.Sleep(20 * time.Millisecond)
				}
				asked.Store(time.Now().UnixNano())
				cancel()
			}()
			_, err := s.New().Build(ctx, req, sink)
			if !errors.Is(err, resource.ErrAborted) || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want ErrAborted", err)
			}
			if took := time.Since(time.Unix(0, asked.Load())); took > 2*time.Minute {
				t.Errorf("it took %v", took)
			}
			if !started.MatchString(sink.String()) {
				t.Errorf("the step never ran:\n%s", sink)
			}
		})
	}
}

// parallel checks that services of one Containerfile can be built at the same time with different arguments.
func (s *suite) parallel(t *testing.T) {
	const count = 4
	var reqs []kinds.BuildRequest
	for i := range count {
		req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nARG N\nRUN echo $N > /n\n"})
		req.Name = fmt.Sprintf("%s-%d", req.Name, i)
		req.Build.Args = map[string]string{"N": fmt.Sprint(i)}
		reqs = append(reqs, req)
	}
	s.leavesNothing(t, reqs...)
	b := s.New()
	results := make([]*kinds.BuildResult, count)
	errs := make([]error, count)
	var all sync.WaitGroup
	for i, req := range reqs {
		all.Go(func() { results[i], errs[i] = b.Build(t.Context(), req, resource.Discard{}) })
	}
	all.Wait()
	for i := range count {
		if errs[i] != nil {
			t.Errorf("build %d: %v", i, errs[i])
			continue
		}
		if got, want := Files(t, results[i])["n"], fmt.Sprintf("00644 0:0 %d\n", i); got != want {
			t.Errorf("build %d wrote %q", i, got)
		}
	}
}
