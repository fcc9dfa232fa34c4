package watch

import (
	"strconv"
	"strings"
	"time"
)

// policy says whether an instance is started again after it has ended by itself.
type policy struct {
	again bool
	// most is how many times in a row; 0 means any number.
	most int
}

// parsePolicy reads Compose's word for it. Without icc-init there are no exit codes, so on-failure takes every end for
// a failure.
func parsePolicy(s string) policy {
	word, number, _ := strings.Cut(s, ":")
	switch word {
	case "always", "unless-stopped", "on-failure":
		most, _ := strconv.Atoi(number) // nonsense written by hand bounds nothing
		return policy{again: true, most: max(0, most)}
	}
	return policy{}
}

// Docker's pauses before a restart.
const (
	shortestDelay = 100 * time.Millisecond
	longestDelay  = time.Minute
	// steady is how long an instance has to run for the next pause to be the shortest again.
	steady = 10 * time.Second
)

// series is the restarts of an instance since somebody started it.
type series struct {
	count int
	delay time.Duration
}

// next returns the pause before the next restart; ok is false when there were enough of them.
func (s *series) next(p policy, ran time.Duration) (delay time.Duration, ok bool) {
	if !p.again || p.most > 0 && s.count >= p.most {
		return 0, false
	}
	if ran >= steady {
		s.delay = 0
	}
	s.count++
	return s.longer(), true
}

// longer returns the pause before another attempt.
func (s *series) longer() time.Duration {
	s.delay = min(max(2*s.delay, shortestDelay), longestDelay)
	return s.delay
}
