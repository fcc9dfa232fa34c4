package pid1

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/cmd/icc-init/logfile"
	"github.com/icc-project/icc/cmd/icc-init/statefile"
	"github.com/icc-project/icc/sdk/initspec"
)

// asked collects what is run and told.
type asked struct {
	mu    sync.Mutex
	ran   []string
	ready []bool
}

func (a *asked) run(_ context.Context, argv []string, _ io.Writer) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ran = append(a.ran, strings.Join(argv, " "))
	if argv[0] == "bad" {
		return 1, nil
	}
	return 0, nil
}

func (a *asked) isReady(ready bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ready = append(a.ready, ready)
}

// newReloader returns a house without a container around it.
func newReloader(t *testing.T, a *asked, spec initspec.Spec) *reloader {
	t.Helper()
	h := &house{spec: &spec, state: statefile.New(filepath.Join(t.TempDir(), "state.json"), initspec.State{}, func(err error) { t.Error(err) })}
	var err error
	if h.log, err = logfile.Open(filepath.Join(t.TempDir(), "log"), spec.Log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.closeLog)
	h.tests = &tests{run: a.run, tell: h.tellHealth, ready: a.isReady, health: spec.Health}
	return &reloader{house: h, now: spec}
}

func testedBy(name string) *initspec.Health {
	return &initspec.Health{Test: []string{"CMD", name}, Interval: 10 * time.Second, Retries: 2}
}

func (r *reloader) to(t *testing.T, digest string, spec initspec.Spec) int {
	t.Helper()
	code, err := r.adopt(&spec, digest, func(*initspec.Spec) {})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAnotherHealthTestBeginsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asked{}
		r := newReloader(t, a, initspec.Spec{Health: testedBy("good")})
		h := r.house
		end := h.tests.begin()
		status := func() string {
			synctest.Wait()
			if s := h.state.State().Health; s != nil {
				return s.Status
			}
			return "none"
		}
		time.Sleep(15 * time.Second)
		steps := []struct {
			health *initspec.Health
			at     time.Duration
			want   string
		}{
			{testedBy("bad"), 0, initspec.HealthStarting},
			{testedBy("bad"), 25 * time.Second, initspec.HealthUnhealthy},
			{testedBy("good"), 0, initspec.HealthStarting},
			{testedBy("good"), 3 * time.Second, initspec.HealthHealthy},
			{testedBy("good"), 0, initspec.HealthHealthy}, // the same again is no change
			{&initspec.Health{Test: []string{"CMD", "good"}, Interval: 5 * time.Second}, 0, initspec.HealthStarting},
			{nil, 0, "none"},
			{nil, time.Minute, "none"},
			{testedBy("good"), 3 * time.Second, initspec.HealthHealthy},
		}
		if got := status(); got != initspec.HealthHealthy {
			t.Fatalf("before, it is %s", got)
		}
		for n, step := range steps {
			if code := r.to(t, "d", initspec.Spec{Health: step.health}); code != initspec.ReloadDone {
				t.Errorf("step %d: the code is %d", n, code)
			}
			time.Sleep(step.at)
			if got := status(); got != step.want {
				t.Errorf("step %d: it is %s, want %s", n, got, step.want)
			}
		}
		end()
		if diff := cmp.Diff([]bool{true, false, true, false, true, false}, a.ready); diff != "" {
			t.Error(diff)
		}
		before := len(a.ran)
		r.to(t, "d", initspec.Spec{Health: testedBy("bad")})
		time.Sleep(time.Minute)
		if synctest.Wait(); len(a.ran) != before {
			t.Errorf("what does not run was tested: %v", a.ran[before:])
		}
		defer h.tests.begin()()
		time.Sleep(time.Second)
		if synctest.Wait(); a.ran[len(a.ran)-1] != "bad" {
			t.Errorf("the next run is tested by %v", a.ran[before:])
		}
	})
}

func TestTheStateTellsWhichOrdersAreInForce(t *testing.T) {
	t.Parallel()
	r := newReloader(t, &asked{}, initspec.Spec{Argv: []string{"a"}, Log: initspec.Log{MaxFiles: 3}})
	orders := func() string { return r.house.state.State().Orders }
	if code := r.to(t, "second", initspec.Spec{Argv: []string{"a"}, StopSignal: "INT"}); code != initspec.ReloadDone || orders() != "second" {
		t.Errorf("after the second, the code is %d and the orders are %q", code, orders())
	}
	var told *initspec.Spec
	code, err := r.adopt(&initspec.Spec{Argv: []string{"b"}, StopSignal: "USR1"}, "third", func(s *initspec.Spec) { told = s })
	if err != nil || code != initspec.ReloadRestart || orders() != "second" {
		t.Errorf("after the third, the code is %d, %v, and the orders are %q", code, err, orders())
	}
	if told.Argv[0] != "a" || told.StopSignal != "USR1" {
		t.Errorf("the service got %+v", told)
	}
	if code := r.to(t, "fourth", initspec.Spec{Argv: []string{"a"}}); code != initspec.ReloadDone || orders() != "fourth" {
		t.Errorf("after the fourth, the code is %d and the orders are %q", code, orders())
	}
}
