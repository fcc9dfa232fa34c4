package pid1

import (
	"context"
	"io"
	"sync"

	"github.com/icc-project/icc/cmd/icc-init/health"
	"github.com/icc-project/icc/sdk/initspec"
)

// tests are the health tests of the command through all its runs, whatever test that is at the time.
type tests struct {
	run   func(ctx context.Context, argv []string, output io.Writer) (int, error)
	tell  func(*initspec.HealthState)
	ready func(bool)

	mu      sync.Mutex
	health  *initspec.Health
	running bool   // the command is
	stop    func() // ends what is being tested; nil when nothing is
}

// begin tests a command that has just started, and returns what ends the tests.
func (t *tests) begin() (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running = true
	t.start()
	return t.end
}

func (t *tests) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running = false
	t.halt()
}

// adopt changes the test. The health begins anew, as after a start; until the new test has succeeded, the service is not
// ready.
func (t *tests) adopt(h *initspec.Health) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.halt()
	t.health = h
	t.tell(untold(h))
	if t.running {
		t.start()
	}
}

// start is called with mu held, as is halt.
func (t *tests) start() {
	if !tested(t.health) {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := health.Start(ctx, health.Config{Health: *t.health, Run: t.run, Update: t.tell, Ready: t.ready})
	t.stop = func() { cancel(); <-done }
}

func (t *tests) halt() {
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
}

func tested(h *initspec.Health) bool { return h != nil && len(h.Test) > 0 && h.Test[0] != "NONE" }

// untold is the state of health before the first test; nil when there is none.
func untold(h *initspec.Health) *initspec.HealthState {
	if !tested(h) {
		return nil
	}
	return &initspec.HealthState{Status: initspec.HealthStarting}
}
