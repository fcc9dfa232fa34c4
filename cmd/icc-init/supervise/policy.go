package supervise

import (
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// Docker's back-off.
const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = time.Minute
	// steady is how long a run has to last for the next delay to be the first again.
	steady = 10 * time.Second
)

// policy decides about restarts. It has the memory of one container's life.
type policy struct {
	initspec.Restart
	attempts int
	delay    time.Duration
}

// next tells whether the command is started again after it has ended with the exit code, having run for a time, and
// after which delay.
func (p *policy) next(code int, ran time.Duration) (time.Duration, bool) {
	if !p.wants(code) {
		return 0, false
	}
	if p.Window > 0 && ran >= p.Window { // else Docker's count goes on, however long the runs are
		p.attempts = 0
	}
	if p.MaxAttempts > 0 && p.attempts >= p.MaxAttempts {
		return 0, false
	}
	p.attempts++
	return p.backOff(ran), true
}

// wants tells whether an end with the exit code is one after which the command is started again at all.
func (p *policy) wants(code int) bool {
	return p.Policy == initspec.RestartAlways || p.Policy == initspec.RestartOnFailure && code != 0
}

// stands tells whether a restart that next has granted is still to come, after the policy has been changed.
func (p *policy) stands(code int) bool {
	return p.wants(code) && (p.MaxAttempts <= 0 || p.attempts <= p.MaxAttempts)
}

func (p *policy) backOff(ran time.Duration) time.Duration {
	switch {
	case p.Delay > 0:
		return p.Delay
	case p.delay == 0 || ran >= steady:
		p.delay = firstDelay
	default:
		p.delay = min(2*p.delay, longestDelay)
	}
	return p.delay
}
