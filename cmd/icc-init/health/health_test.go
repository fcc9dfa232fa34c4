package health_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/cmd/icc-init/health"
	"github.com/icc-project/icc/sdk/initspec"
)

// outcome is what a test is to show.
type outcome struct {
	code  int
	err   error
	text  string
	takes time.Duration
}

// watched tests for the time, with the outcomes one after the other (the last one for ever), and returns what was told:
// "SECONDS status streak" or "SECONDS ready".
func watched(h initspec.Health, outcomes []outcome, d time.Duration) (told []string, last *initspec.HealthState) {
	start, n := time.Now(), 0
	say := func(format string, args ...any) {
		told = append(told, fmt.Sprintf("%v ", time.Since(start).Seconds())+fmt.Sprintf(format, args...))
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	<-health.Start(ctx, health.Config{
		Health: h,
		Run: func(ctx context.Context, argv []string, output io.Writer) (int, error) {
			o := outcomes[min(n, len(outcomes)-1)]
			n++
			select {
			case <-time.After(o.takes):
			case <-ctx.Done():
				return 137, nil
			}
			io.WriteString(output, o.text)
			return o.code, o.err
		},
		Update: func(s *initspec.HealthState) { last = s; say("%s %d", s.Status, s.FailingStreak) },
		Ready:  func(ready bool) { say("ready %v", ready) },
	})
	return told, last
}

var (
	good = outcome{}
	bad  = outcome{code: 1}
	slow = outcome{takes: time.Minute}
)

// late puts so many failures of early tests before the outcomes.
func late(early int, outcomes ...outcome) []outcome {
	return append(slices.Repeat([]outcome{bad}, early), outcomes...)
}

func TestStatusesComeAtTheirTimes(t *testing.T) {
	t.Parallel()
	second := time.Second
	base := initspec.Health{Test: []string{"CMD", "x"}, Interval: 10 * second, Timeout: 3 * second, Retries: 2}
	period := base
	period.StartPeriod, period.StartInterval = 25*second, 2*second
	tests := map[string]struct {
		health   initspec.Health
		outcomes []outcome
		during   time.Duration
		want     []string
	}{
		"the first test comes after an interval, and readiness goes at the end": {
			base, late(6, good), 25 * second,
			[]string{"0 starting 0", "10 healthy 0", "10 ready true", "20 healthy 0", "25 ready false"}},
		"it takes the retries to be unhealthy": {
			base, late(6, good, bad, bad, bad, good), 55 * second,
			[]string{"0 starting 0", "10 healthy 0", "10 ready true", "20 healthy 1", "30 unhealthy 2", "30 ready false", "40 unhealthy 3",
				"50 healthy 0", "50 ready true", "55 ready false"}},
		"a service that was never healthy can be unhealthy": {
			base, []outcome{bad}, 25 * second, []string{"0 starting 0", "10 starting 1", "20 unhealthy 2"}},
		"the interval begins when the test ends, and too slow is a failure": {
			base, []outcome{slow}, 30 * second, []string{"0 starting 0", "13 starting 1", "26 unhealthy 2"}},
		"failures in the start period do not count, and tests come more often": {
			period, late(3, bad, bad, good), 20 * second,
			[]string{"0 starting 0", "2 starting 0", "4 starting 0", "6 healthy 0", "6 ready true", "16 healthy 0", "20 ready false"}},
		"a success ends the start period": {
			period, late(3, good, bad, bad), 23 * second,
			[]string{"0 starting 0", "2 healthy 0", "2 ready true", "12 healthy 1", "22 unhealthy 2", "22 ready false"}},
		"after the start period failures count": {
			initspec.Health{Test: []string{"CMD", "x"}, Interval: 10 * second, StartPeriod: 6 * second, Retries: 1}, []outcome{bad}, 25 * second,
			[]string{"0 starting 0", "5 starting 0", "10 unhealthy 1", "20 unhealthy 2"}},
		"the defaults are Docker's": {
			initspec.Health{Test: []string{"CMD", "x"}}, []outcome{slow}, 185 * second,
			[]string{"0 starting 0", "60 starting 1", "120 starting 2", "180 unhealthy 3"}},
		"an early success makes healthy, and the next test comes an interval later": {
			base, []outcome{bad, bad, good, good, bad, bad}, 25 * second,
			[]string{"0 starting 0", "2 healthy 0", "2 ready true", "12 healthy 1", "22 unhealthy 2", "22 ready false"}},
		"an early success that is not confirmed counts for nothing": {
			base, []outcome{bad, good, bad, bad, good, good}, 12 * second,
			[]string{"0 starting 0", "5 healthy 0", "5 ready true", "12 ready false"}},
		"an early success is not confirmed when the first regular test is due": {
			initspec.Health{Test: []string{"CMD", "x"}, Interval: time.Second, Retries: 2}, []outcome{bad, good, bad}, 2500 * time.Millisecond,
			[]string{"0 starting 0", "1 starting 1", "2 unhealthy 2"}},
		"an early success ends the start period": {
			period, []outcome{good, good, bad, bad}, 23 * second,
			[]string{"0 starting 0", "1.25 healthy 0", "1.25 ready true", "11.25 healthy 1", "21.25 unhealthy 2", "21.25 ready false"}},
		"an early test that is slow leaves some out, and does not delay the first regular one": {
			base, []outcome{{takes: 1500 * time.Millisecond, code: 1}, bad, slow, slow, good}, 15 * second,
			[]string{"0 starting 0", "10 healthy 0", "10 ready true", "15 ready false"}},
		"an interval that is short leaves no time for early tests": {
			initspec.Health{Test: []string{"CMD", "x"}, Interval: 200 * time.Millisecond, Retries: 2}, []outcome{bad}, 500 * time.Millisecond,
			[]string{"0 starting 0", "0.2 starting 1", "0.4 unhealthy 2"}},
		"NONE is no test":       {initspec.Health{Test: []string{"NONE"}}, nil, time.Hour, nil},
		"nothing is no test":    {initspec.Health{}, nil, time.Hour, nil},
		"a bare CMD is no test": {initspec.Health{Test: []string{"CMD"}}, nil, time.Hour, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, _ := watched(test.health, test.outcomes, test.during)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestTheLatestFiveResultsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := initspec.Health{Test: []string{"CMD", "x"}, Interval: time.Second, Timeout: time.Second}
		outcomes := []outcome{
			{text: "early", code: 1}, {text: "early", code: 1},
			{text: "first"}, {text: "second"},
			{text: "third", code: 7},
			{text: strings.Repeat("é", 3000), code: 1},
			slow,
			{err: errors.New("no such file"), code: 127},
			{err: errors.New("no more processes"), text: "hm"},
		}
		_, state := watched(h, outcomes, 8500*time.Millisecond)
		want := []struct {
			Code   int
			Output string
			Took   time.Duration
		}{
			{7, "third", 0},
			{1, strings.Repeat("é", 2048), 0},
			{-1, "Health check exceeded timeout (1s)", time.Second},
			{127, "no such file", 0},
			{-1, "no more processes: hm", 0},
		}
		got := want[:0:0]
		for _, r := range state.Log {
			got = append(got, struct {
				Code   int
				Output string
				Took   time.Duration
			}{r.ExitCode, r.Output, r.End.Sub(r.Start)})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestAShellTestIsRunByTheShell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var got []string
		done := health.Start(ctx, health.Config{
			Health: initspec.Health{Test: []string{"CMD-SHELL", "curl -f http://x || exit 1"}},
			Run: func(_ context.Context, argv []string, _ io.Writer) (int, error) {
				got = argv
				cancel()
				return 0, nil
			},
			Update: func(s *initspec.HealthState) {
				if s.Status != initspec.HealthStarting {
					t.Errorf("a result was told after the end: %+v", s)
				}
			},
			Ready: func(ready bool) { t.Errorf("ready: %v, after the end", ready) },
		})
		<-done
		if diff := cmp.Diff([]string{"/bin/sh", "-c", "curl -f http://x || exit 1"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
