package health

import (
	"context"
	"time"
)

const (
	// firstEarly is when the first early test begins; each later one begins after twice the time.
	firstEarly = 250 * time.Millisecond
	// confirmation is how long after an early success the test has to succeed once more. Databases answer for a moment
	// while they are being initialised, and are not there again a second later.
	confirmation = time.Second
)

// early tests a service that has just been started, until the first regular test is due. It reports whether it has
// succeeded twice in a row, which counts as any success does; failures are forgotten.
func (m *monitor) early(ctx context.Context, due time.Time) bool {
	after, at, succeeded := firstEarly, m.began.Add(firstEarly), false
	for at.Before(due) {
		if !sleep(ctx, time.Until(at)) {
			return false
		}
		result := m.test(ctx, min(m.Health.Timeout, time.Until(due))) // the regular test does not wait for it
		switch {
		case ctx.Err() != nil:
			return false
		case result.ExitCode == 0 && succeeded:
			m.note(result)
			return true
		}
		succeeded = result.ExitCode == 0
		for !m.began.Add(after).After(time.Now()) {
			after *= 2
		}
		if at = m.began.Add(after); succeeded {
			at = time.Now().Add(confirmation)
		}
	}
	return false
}

// sleep is false when ctx is done before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
