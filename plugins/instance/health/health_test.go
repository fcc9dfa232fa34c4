package health

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// service is healthy from a time after its start on.
func service(begin time.Time, healthyAfter time.Duration, tests *int) Test {
	return func(context.Context) (int, string, error) {
		*tests++
		if time.Since(begin) >= healthyAfter {
			return 0, "fine", nil
		}
		return 1, "not yet", nil
	}
}

func TestAHealthyServiceIsFoundSoon(t *testing.T) {
	t.Parallel()
	for healthyAfter, within := range map[time.Duration]time.Duration{
		0: 0, 300 * time.Millisecond: 700 * time.Millisecond, 3 * time.Second: 6500 * time.Millisecond, 20 * time.Second: 25 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			tests, begin := 0, time.Now()
			if err := Wait(t.Context(), kinds.Healthcheck{}, service(begin, healthyAfter, &tests)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took > within {
				t.Errorf("healthy after %s, found after %s", healthyAfter, took)
			}
		})
	}
}

func TestRetriesBeginWithTheFirstInterval(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		check kinds.Healthcheck
		fails time.Duration
	}{
		"Docker's defaults": {kinds.Healthcheck{}, 90 * time.Second},
		"an interval":       {kinds.Healthcheck{Interval: time.Second, Retries: 5}, 5 * time.Second},
		"a start period":    {kinds.Healthcheck{Interval: time.Second, Retries: 2, StartPeriod: time.Minute}, 61 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			tests, begin := 0, time.Now()
			err := Wait(t.Context(), test.check, service(begin, time.Hour, &tests))
			if !errors.Is(err, resource.ErrUnhealthy) || !strings.Contains(err.Error(), "not yet") || resource.Hint(err) == "" {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(begin); took != test.fails {
				t.Errorf("%s: unhealthy after %s, want %s", name, took, test.fails)
			}
		})
	}
}

func TestAHangingTestFailsAndTheWaitIsBounded(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) (int, string, error) {
		<-ctx.Done()
		return 0, "", ctx.Err()
	}
	synctest.Test(t, func(t *testing.T) {
		err := Wait(t.Context(), kinds.Healthcheck{Interval: time.Second, Timeout: time.Second, Retries: 1}, hang)
		if !errors.Is(err, resource.ErrUnhealthy) || !strings.Contains(err.Error(), "longer than 1s") {
			t.Errorf("hanging: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		tests := 0
		err := Wait(ctx, kinds.Healthcheck{}, service(time.Now(), time.Hour, &tests))
		if !errors.Is(err, resource.ErrTimeout) || !strings.Contains(err.Error(), "not yet") {
			t.Errorf("bounded: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		tests := 0
		if err := Wait(ctx, kinds.Healthcheck{}, service(time.Now(), time.Hour, &tests)); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestAStoppedServiceEndsTheWait(t *testing.T) {
	t.Parallel()
	calls := 0
	err := Wait(t.Context(), kinds.Healthcheck{}, func(context.Context) (int, string, error) {
		calls++
		return 0, "", resource.ErrNotRunning
	})
	if !errors.Is(err, resource.ErrUnhealthy) || calls != 1 {
		t.Errorf("after %d tests: %v", calls, err)
	}
}

func TestTestsAreWrittenAsInCompose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ test, want []string }{
		{[]string{"CMD", "a", "b"}, []string{"a", "b"}}, {[]string{"CMD-SHELL", "a | b"}, []string{"/bin/sh", "-c", "a | b"}},
	} {
		if got, err := Command(test.test); err != nil || !cmp.Equal(got, test.want) {
			t.Errorf("%v is %v, %v", test.test, got, err)
		}
	}
	for _, bad := range [][]string{{"CMD"}, {"curl", "x"}, {}} {
		if _, err := Command(bad); !errors.Is(err, resource.ErrConfig) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
