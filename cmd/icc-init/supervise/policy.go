package supervise

import (
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// Docker's back-off.
const (
	firstDelay    = 100 * time.Millisecond
	longestDelay  = time.Minute
	defaultWindow = 10 * time.Second
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
	window := p.Window
	if window <= 0 {
		window = defaultWindow
	}
	if ran >= window {
		p.attempts = 0
	}
	switch p.Policy {
	case initspec.RestartAlways:
	case initspec.RestartOnFailure:
		if code == 0 {
			return 0, false
		}
	default:
		return 0, false
	}
	if p.MaxAttempts > 0 && p.attempts >= p.MaxAttempts {
		return 0, false
	}
	p.attempts++
	return p.backOff(ran), true
}

func (p *policy) backOff(ran time.Duration) time.Duration {
	switch {
	case p.Delay > 0:
		return p.Delay
	case p.delay == 0 || ran >= defaultWindow:
		p.delay = firstDelay
	default:
		p.delay = min(2*p.delay, longestDelay)
	}
	return p.delay
}
