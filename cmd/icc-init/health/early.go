package health

import (
	"context"
	"time"
)

// firstEarly is when the first early test begins; each later one begins after twice the time.
const firstEarly = 250 * time.Millisecond

// early tests a service that has just been started, until the first regular test is due. It reports whether one has
// succeeded, which counts as any success does; failures are forgotten.
func (m *monitor) early(ctx context.Context, due time.Time) bool {
	for after := firstEarly; m.began.Add(after).Before(due); {
		if !sleep(ctx, time.Until(m.began.Add(after))) {
			return false
		}
		result := m.test(ctx, min(m.Health.Timeout, time.Until(due))) // the regular test does not wait for it
		if ctx.Err() != nil {
			return false
		}
		if result.ExitCode == 0 {
			m.note(result)
			return true
		}
		for after *= 2; m.began.Add(after).Before(time.Now()); after *= 2 {
			continue // that time has passed during a slow test
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
