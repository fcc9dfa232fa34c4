package health

import (
	"context"
	"io"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// Config says what to test and whom to tell.
type Config struct {
	Health initspec.Health
	// Run runs argv as the service would, with stdout and stderr into output, and returns its exit code. When ctx is done
	// it kills the whole process group. An error says that the command could not be run.
	Run func(ctx context.Context, argv []string, output io.Writer) (code int, err error)
	// Update is called with each new state, the first time before Start returns. The state is not touched afterwards.
	Update func(*initspec.HealthState)
	// Ready is called when the service becomes healthy, and when it is healthy no more, be it that ctx is done.
	Ready func(bool)
}

// Docker's defaults.
const (
	defaultInterval      = 30 * time.Second
	defaultTimeout       = 30 * time.Second
	defaultStartInterval = 5 * time.Second
	defaultRetries       = 3
)

// logSize is how many results a state has.
const logSize = 5

// Start begins to test a command that has just been started, until ctx is done: one Start for each start of the command.
// The channel is closed when no callback will be called any more. A Health without a test is never tested.
func Start(ctx context.Context, cfg Config) <-chan struct{} {
	done := make(chan struct{})
	argv := command(cfg.Health.Test)
	if argv == nil {
		close(done)
		return done
	}
	withDefaults(&cfg.Health)
	m := &monitor{Config: cfg, argv: argv, began: time.Now(), state: initspec.HealthState{Status: initspec.HealthStarting}}
	m.tell()
	go func() {
		defer close(done)
		m.watch(ctx)
	}()
	return done
}

// command returns what to run for a test, nil for none.
func command(test []string) []string {
	switch {
	case len(test) > 1 && test[0] == "CMD":
		return test[1:]
	case len(test) > 1 && test[0] == "CMD-SHELL":
		return []string{"/bin/sh", "-c", test[1]}
	}
	return nil
}

func withDefaults(h *initspec.Health) {
	for field, value := range map[*time.Duration]time.Duration{
		&h.Interval:      defaultInterval,
		&h.Timeout:       defaultTimeout,
		&h.StartInterval: defaultStartInterval,
	} {
		if *field <= 0 {
			*field = value
		}
	}
	if h.Retries <= 0 {
		h.Retries = defaultRetries
	}
}

// monitor is one Start.
type monitor struct {
	Config
	argv  []string
	began time.Time
	state initspec.HealthState
}

func (m *monitor) watch(ctx context.Context) {
	defer m.end()
	due := m.began.Add(m.pause())
	if m.early(ctx, due) {
		due = time.Now().Add(m.pause())
	}
	for sleep(ctx, time.Until(due)) {
		result := m.test(ctx, m.Health.Timeout)
		if ctx.Err() != nil {
			return
		}
		m.note(result)
		due = time.Now().Add(m.pause())
	}
}

// pause is the time to the next test.
func (m *monitor) pause() time.Duration {
	if m.starting(time.Now()) {
		return m.Health.StartInterval
	}
	return m.Health.Interval
}

// starting reports whether failures do not count yet: within the start period, until the first success.
func (m *monitor) starting(at time.Time) bool {
	return m.state.Status == initspec.HealthStarting && at.Sub(m.began) < m.Health.StartPeriod
}

// note draws the conclusion from a result.
func (m *monitor) note(result initspec.HealthResult) {
	was := m.state.Status
	m.state.Log = append(m.state.Log, result)
	if n := len(m.state.Log); n > logSize {
		m.state.Log = m.state.Log[n-logSize:]
	}
	switch {
	case result.ExitCode == 0:
		m.state.Status, m.state.FailingStreak = initspec.HealthHealthy, 0
	case !m.starting(result.Start):
		m.state.FailingStreak++
		if m.state.FailingStreak >= m.Health.Retries {
			m.state.Status = initspec.HealthUnhealthy
		}
	}
	m.tell()
	if was, is := was == initspec.HealthHealthy, m.state.Status == initspec.HealthHealthy; was != is {
		m.Ready(is)
	}
}

// tell hands out a copy.
func (m *monitor) tell() {
	state := m.state
	state.Log = append([]initspec.HealthResult(nil), state.Log...)
	m.Update(&state)
}

func (m *monitor) end() {
	if m.state.Status == initspec.HealthHealthy {
		m.Ready(false)
	}
}
