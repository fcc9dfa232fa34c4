//go:build incus

package conformance

import (
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestLabelsLimitsAndPortsChangeWithoutARestart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Labels = map[string]string{"old": "1", "both": "1"}
	c.Ports = []kinds.Port{{Protocol: "tcp", Published: 18200, Target: 80}}
	c.Limits = kinds.Limits{Memory: 64 << 20, PIDs: 100}
	l.up(c)
	name := l.state(c).IncusName
	before := l.pid(name)
	l.byHand(name, "user.by-hand", "mine")

	c.Labels = map[string]string{"both": "2", "new": "1"}
	c.Ports = []kinds.Port{{Protocol: "tcp", Published: 18201, Target: 80}}
	c.Limits = kinds.Limits{Memory: 128 << 20, CPUs: 0.5}
	change := l.change(c)
	if change.Class != resource.ClassLive {
		t.Fatalf("the plan says %s, %s: %+v", change.Class, change.Reason, change.Fields)
	}
	var paths []string
	for _, f := range change.Fields {
		paths = append(paths, f.Path)
	}
	for _, want := range []string{"limits.memory", "limits.processes", "limits.cpu.allowance", "user.label.both", "user.label.old", "user.label.new"} {
		if !strings.Contains(strings.Join(paths, " ")+" ", want+" ") {
			t.Errorf("the plan does not mention %s: %v", want, paths)
		}
	}
	if !l.must(c, resource.ActionEnsure).Changed {
		t.Error("the change says that it changed nothing")
	}
	inst, _, err := l.server.GetInstance(name)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"user.by-hand": "mine", "user.label.both": "2", "user.label.new": "1", "user.label.old": "", "limits.memory": "134217728B",
		"limits.processes": "", "limits.cpu.allowance": "50ms/100ms",
	} {
		if got := inst.Config[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if l.pid(name) != before {
		t.Error("the process was restarted")
	}
	eventually(t, "the host listens on the new port alone", func() bool {
		listening := l.host.Output(t, "ss", "-Hltn")
		return strings.Contains(listening, ":18201 ") && !strings.Contains(listening, ":18200 ")
	})
	l.settled(c)
}

func (l *lab) pid(name string) int64 {
	l.t.Helper()
	state, _, err := l.server.GetInstanceState(name)
	if err != nil {
		l.t.Fatal(err)
	}
	return state.Pid
}

// byHand sets a key as a person would.
func (l *lab) byHand(name, key, value string) {
	l.t.Helper()
	inst, etag, err := l.server.GetInstance(name)
	if err != nil {
		l.t.Fatal(err)
	}
	inst.Config[key] = value
	op, err := l.server.UpdateInstance(name, inst.InstancePut, etag)
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func TestSecretsAreNotShownInPlans(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("db")
	c.Environment = map[string]string{"DB_PASSWORD": "before", "MODE": "before"}
	l.up(c)
	c.Environment = map[string]string{"DB_PASSWORD": "after", "MODE": "after"}
	change := l.change(c)
	if change.Class != resource.ClassRestart || len(change.Fields) != 2 {
		t.Fatalf("the plan says %s, %s: %+v", change.Class, change.Reason, change.Fields)
	}
	for _, f := range change.Fields {
		secret := strings.HasSuffix(f.Path, "DB_PASSWORD")
		if f.Sensitive != secret || secret == (f.Before+f.After != "") {
			t.Errorf("the plan shows %+v", f)
		}
	}
}

func TestAChangeToATakenPortLeavesTheServiceReachable(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	web, other := l.service("web", "busybox", "sh", "-c", "mkdir /w; echo page > /w/index.html; exec httpd -f -p 80 -h /w"), l.sleeper("other")
	web.Ports, other.Ports = []kinds.Port{{Protocol: "tcp", Published: 18320, Target: 80}}, []kinds.Port{{Protocol: "tcp", Published: 18321, Target: 80}}
	l.network("front", "10.201.36", map[string]kinds.Address{"web-1": {IPv4: "10.201.36.10"}})
	web.NetworkMode, web.Networks = "", []kinds.NIC{{Network: "front", Gateway: true}}
	l.up(web)
	l.up(other)
	eventually(t, "the page is served", func() bool { return l.dial("127.0.0.1:18320") == "page" })
	taken := web
	taken.Ports = other.Ports
	for what, p := range map[string]func(*sdk.Settings){"seen beforehand": nil, "said by the server": func(s *sdk.Settings) { s.Remote = true }} {
		l.provider = l.newProvider(p)
		if _, _, err := l.run(taken, resource.ActionEnsure, resource.Options{}); !errors.Is(err, resource.ErrPortInUse) {
			t.Errorf("%s: the error is %v", what, err)
		}
		if got := l.dial("127.0.0.1:18320"); got != "page" {
			t.Errorf("%s: the old port serves %q", what, got)
		}
	}
}
