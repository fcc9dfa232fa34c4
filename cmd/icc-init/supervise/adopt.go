package supervise

import (
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// Adopt makes the restart policy, the stop signal and the grace period of other orders count from now on: for the end
// that comes next, for a stop that has begun, and for a restart that is just being waited for.
func (s *Service) Adopt(orders *initspec.Spec) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := grace(orders); d != grace(s.orders) { // else it may have been set for one stop
		s.setGrace(d)
	}
	s.orders, s.policy.Restart = orders, orders.Restart
	close(s.renewed)
	s.renewed = make(chan struct{})
}

// next asks the policy after an end. The channel is closed when the answer may have become another.
func (s *Service) next(o outcome) (delay time.Duration, again bool, renewed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delay, again = s.policy.next(o.code, o.ran)
	return delay, again, s.renewed
}

// pause waits for the time of a restart. It is false when the restart is not to come: the service was stopped, or other
// orders do not want it any more. A shorter delay counts at once.
func (s *Service) pause(o outcome, delay time.Duration, renewed <-chan struct{}) bool {
	due := time.Now().Add(delay)
	for {
		timer := time.NewTimer(time.Until(due))
		select {
		case <-timer.C:
			return true
		case <-s.quit:
			return false
		case <-renewed:
		}
		timer.Stop()
		s.mu.Lock()
		stands, shorter := s.policy.stands(o.code), s.policy.Delay
		renewed = s.renewed
		s.mu.Unlock()
		if !stands {
			return false
		}
		if at := time.Now().Add(shorter); shorter > 0 && at.Before(due) {
			due = at
		}
	}
}
