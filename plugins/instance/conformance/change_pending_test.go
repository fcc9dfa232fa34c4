//go:build incus

package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestWhatMayNotInterruptWaitsForTheNextStart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	before := l.process(c)
	c.Environment, c.Labels = map[string]string{"MODE": "b"}, map[string]string{"l": "1"}
	gentle := resource.Options{Create: true, KeepRunning: true}
	_, s, err := l.run(c, resource.ActionEnsure, gentle)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(s.notices, "\n"); !strings.Contains(text, "environment.MODE takes effect when it is started again") {
		t.Errorf("it says %s", text)
	}
	if after := l.process(c); after != before {
		t.Errorf("the process was %q and is %q", before, after)
	}
	if got := l.setting(c, "user.label.l"); got != "1" {
		t.Errorf("the label is %q", got)
	}
	if got := l.state(c).Pending; !slices.Equal(got, []string{"environment.MODE"}) {
		t.Errorf("waiting for a restart: %v", got)
	}
	if result, _, err := l.run(c, resource.ActionEnsure, gentle); err != nil || result.Changed {
		t.Errorf("once more: %+v, %v", result, err)
	}
	if got := l.change(c); got.Class != resource.ClassRestart || !strings.Contains(got.Reason, "waited") {
		t.Errorf("the plan says %s, %s: %+v", got.Class, got.Reason, got.Fields)
	}
	l.provider = l.newProvider(nil) // A person starts it again, with another run of icc.
	l.must(c, resource.ActionStop)
	l.must(c, resource.ActionStart)
	if got := l.sh(c, "echo $MODE"); got != "b\n" {
		t.Errorf("the variable is %q", got)
	}
	if got := l.setting(c, resource.KeyPending); got != "" {
		t.Errorf("still recorded as waiting: %q", got)
	}
	if got := l.change(c).Class; got != resource.ClassNone || l.state(c).Pending != nil {
		t.Errorf("afterwards the plan says %q", got)
	}
}

func TestADeviceThatMayNotInterruptIsFoundAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	before := l.process(c)
	c.Labels = map[string]string{"l": "1"}
	c.Mounts = []kinds.Mount{{Type: kinds.MountTmpfs, Target: "/scratch"}}
	if _, _, err := l.run(c, resource.ActionEnsure, resource.Options{Create: true, KeepRunning: true}); err != nil {
		t.Fatal(err)
	}
	if got := l.setting(c, "user.label.l"); got != "1" || l.process(c) != before {
		t.Errorf("the label is %q, the process %q", got, l.process(c))
	}
	if got := l.state(c).Pending; len(got) != 1 || !strings.HasPrefix(got[0], "devices.mount-scratch") {
		t.Errorf("waiting for a restart: %v", got)
	}
	if got := l.change(c).Class; got != resource.ClassRestart {
		t.Errorf("the plan says %s", got)
	}
	l.up(c)
	if got := l.sh(c, "grep -c ' /scratch ' /proc/mounts"); got != "1\n" || l.change(c).Class != resource.ClassNone {
		t.Errorf("mounted: %q, then %q", got, l.change(c).Class)
	}
}
