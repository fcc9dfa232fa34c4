package main

import (
	"math"
	"testing"
	"time"
)

func TestSecondsOfAFlagDoNotTurnIntoTheirOpposite(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]time.Duration{0: 0, 7: 7 * time.Second, -5: -time.Second, math.MinInt64: -time.Second} {
		if got := seconds(n); got != want {
			t.Errorf("%d seconds are %s, want %s", n, got, want)
		}
	}
	for _, n := range []int{9223372037, 99999999999, math.MaxInt64} {
		if got := seconds(n); got < 1000*time.Hour || got+time.Hour < 0 {
			t.Errorf("%d seconds are %s", n, got)
		}
	}
}
