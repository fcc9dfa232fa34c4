//go:build incus

package conformance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestWaitReturnsAsSoonAsTheServiceIsHealthy(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Mounts = []kinds.Mount{{Type: kinds.MountTmpfs, Target: "/is"}} // is empty after each start
	c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD-SHELL", "test -e /is/ready"}, Interval: 10 * time.Minute,
		StartPeriod: 10 * time.Minute, StartInterval: 300 * time.Millisecond}
	l.up(c)
	if got := outputs(t, l.state(c).Outputs).Health; got != resource.HealthStarting {
		t.Errorf("before, its health is %q", got)
	}
	begin := time.Now()
	l.sh(c, "touch /is/ready")
	l.must(c, resource.ActionWait)
	if took := time.Since(begin); took > 2*patience {
		t.Errorf("it took %s", took)
	}
	if got := outputs(t, l.state(c).Outputs).Health; got != resource.HealthHealthy {
		t.Errorf("afterwards its health is %q", got)
	}
	l.settled(c)
	l.must(c, resource.ActionStop)
	l.must(c, resource.ActionStart)
	if got := outputs(t, l.state(c).Outputs).Health; got != resource.HealthStarting {
		t.Errorf("after a restart its health is %q", got)
	}
}

func TestWaitFailsWithTheTestsLastOutput(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD", "sh", "-c", "echo it is broken; exit 1"}, Interval: 200 * time.Millisecond, Retries: 2}
	l.up(c)
	_, _, err := l.run(c, resource.ActionWait, resource.Options{})
	if !errors.Is(err, resource.ErrUnhealthy) || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("the error is %v", err)
	}
	if got := outputs(t, l.state(c).Outputs).Health; got != resource.HealthUnhealthy {
		t.Errorf("its health is %q", got)
	}
}

func TestWaitFailsAtOnceWhenTheServiceHasEnded(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "busybox", "sh", "-c", "sleep 1")
	c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD", "false"}, Interval: 10 * time.Minute}
	l.up(c)
	begin := time.Now()
	_, _, err := l.run(c, resource.ActionWait, resource.Options{})
	if !errors.Is(err, resource.ErrExited) || !strings.Contains(err.Error(), "exit code 0") || time.Since(begin) > 2*patience {
		t.Errorf("after %s the error is %v", time.Since(begin), err)
	}
}

func TestATestThatHangsIsCutOff(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD", "sleep", "600"}, Interval: 100 * time.Millisecond, Timeout: 300 * time.Millisecond, Retries: 1}
	l.up(c)
	_, _, err := l.run(c, resource.ActionWait, resource.Options{})
	if !errors.Is(err, resource.ErrUnhealthy) || !strings.Contains(err.Error(), "longer than 300ms") {
		t.Errorf("the error is %v", err)
	}
	eventually(t, "no test is left running", func() bool { return !strings.Contains(l.sh(c, "ps"), "sleep 600") })
}

func TestWaitWithoutATestSaysSo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	_, _, err := l.run(c, resource.ActionWait, resource.Options{})
	if !errors.Is(err, resource.ErrUnsupportedAction) || !strings.Contains(err.Error(), "no healthcheck") {
		t.Errorf("the error is %v", err)
	}
	c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD", "false"}, Interval: time.Minute}
	l.up(c)
	_, _, err = l.run(c, resource.ActionWait, resource.Options{Timeout: time.Second})
	if !errors.Is(err, resource.ErrTimeout) {
		t.Errorf("bounded by a second the error is %v", err)
	}
}
