package health

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// script answers the tests of a Monitor one after the other; the last answer is repeated.
type script []error

var errFailed = errors.New("exit code 1")

func (s *script) test(context.Context) (int, string, error) {
	err := (*s)[0]
	if len(*s) > 1 {
		*s = (*s)[1:]
	}
	if errors.Is(err, errFailed) {
		return 1, "no", nil
	}
	return 0, "", err
}

func TestMonitorKeepsDockersTiming(t *testing.T) {
	t.Parallel()
	gone := resource.ErrConnectionFailed
	tests := []struct {
		name    string
		check   kinds.Healthcheck
		status  string
		running time.Duration // before the monitor begins
		answers script
		want    []string
	}{
		{"the first test comes after an interval", kinds.Healthcheck{Interval: 10 * time.Second}, "", 0, script{nil}, []string{"10s healthy"}},
		{"the defaults are Docker's", kinds.Healthcheck{}, "", 0, script{errFailed}, []string{"1m30s unhealthy"}},
		{"failures of the start period do not count", kinds.Healthcheck{Interval: 10 * time.Second, StartPeriod: 12 * time.Second, StartInterval: 5 * time.Second, Retries: 2},
			"", 0, script{errFailed}, []string{"25s unhealthy"}},
		{"a success ends the start period", kinds.Healthcheck{Interval: 10 * time.Second, StartPeriod: time.Hour, StartInterval: 2 * time.Second, Retries: 2},
			"", 0, script{errFailed, nil, errFailed}, []string{"4s healthy", "24s unhealthy"}},
		{"one failure among successes changes nothing", kinds.Healthcheck{Interval: time.Second, Retries: 2}, "", 0,
			script{nil, errFailed, nil, errFailed, nil}, []string{"1s healthy"}},
		{"an unhealthy service recovers with one success", kinds.Healthcheck{Interval: time.Second, Retries: 1}, "", 0,
			script{errFailed, nil}, []string{"1s unhealthy", "2s healthy"}},
		{"what is overdue is tested at once", kinds.Healthcheck{Interval: time.Minute}, "", time.Hour, script{nil}, []string{"0s healthy"}},
		{"what is known is not reported again", kinds.Healthcheck{Interval: time.Minute}, resource.HealthHealthy, time.Hour, script{nil}, nil},
		{"a known failure needs no more failures", kinds.Healthcheck{Interval: time.Minute}, resource.HealthUnhealthy, time.Hour, script{errFailed}, nil},
		{"a server that is away tells nothing", kinds.Healthcheck{Interval: time.Second, Retries: 1}, "", 0, script{gone, gone, gone, nil}, []string{"4s healthy"}},
		{"a server whose clock is ahead delays nothing", kinds.Healthcheck{Interval: time.Second}, "", -time.Hour, script{nil}, []string{"1s healthy"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				var got []string
				m := Monitor{Check: tt.check, Started: begin.Add(-tt.running), Status: tt.status, Test: tt.answers.test, Report: func(f Finding) {
					got = append(got, fmt.Sprintf("%s %s", time.Since(begin), f.Status))
				}}
				if err := m.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("it ended with %v", err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestMonitorEndsWithTheService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := script{nil, resource.ErrNotRunning}
		var got []Finding
		m := Monitor{Started: time.Now(), Test: answers.test, Report: func(f Finding) { got = append(got, f) }}
		if err := m.Run(t.Context()); !errors.Is(err, resource.ErrNotRunning) || len(got) != 1 {
			t.Errorf("%v after %v", err, got)
		}
	})
}

func TestMonitorCountsATestThatTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var got Finding
		m := Monitor{
			Check: kinds.Healthcheck{Interval: time.Second, Timeout: 2 * time.Second, Retries: 2}, Started: time.Now(),
			Test: func(ctx context.Context) (int, string, error) {
				<-ctx.Done()
				return 0, "so far", ctx.Err()
			},
			Report: func(f Finding) { got = f; cancel() },
		}
		begin := time.Now()
		_ = m.Run(ctx)
		want := Finding{Status: resource.HealthUnhealthy, Failures: 2, Output: "so far\nthe health test took longer than 2s"}
		if diff := cmp.Diff(want, got); diff != "" || time.Since(begin) != 6*time.Second {
			t.Errorf("after %s (-want +got):\n%s", time.Since(begin), diff)
		}
	})
}
