//go:build incus

package e2e

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

// drifted is a line of "icc diff --format json".
type drifted struct {
	Kind, Name, Path, Compose, Written, Now string
	Sensitive, ByHand, Reverted             bool
}

// byHand runs the Incus client, as somebody does who does not ask icc, and again when the server has just written
// something itself: the client overwrites only what it has read.
func (p *project) byHand(args ...string) {
	p.t.Helper()
	eventually(p.t, 30*time.Second, func() string {
		out, err := p.host.Command(p.t, "incus", args...).CombinedOutput()
		text := string(out)

		if err != nil && !strings.Contains(text, "ETag") && !strings.Contains(text, "Precondition") {
			p.t.Fatalf("incus %s: %v\n%s", strings.Join(args, " "), err, text)
		}

		if err != nil {
			return text
		}

		return ""
	})
}

func TestDiffShowsWhatOthersHaveChanged(t *testing.T) {
	t.Parallel()

	file := strings.ReplaceAll(shopper, "%PORT%", strconv.Itoa(freePort()))
	p := newProject(t, file)
	p.write("pw", "hunter2")
	p.ok("up", "-d")
	p.ok("restart", "-t", "0", "web")

	if got := p.ok("diff", "--all").stdout; got != "Nobody has changed what icc wrote.\n" {
		t.Fatalf("after up the diff is\n%s", got)
	}

	name := p.instance("web", 1)
	p.byHand("config", "set", name, "limits.memory=1GiB", "environment.DB_PASSWORD=stolen", "user.note=mine", "--project", p.name)
	p.byHand("project", "set", p.name, "user.note=mine")

	network := ""
	for _, s := range parseRows[plannedStep](p, p.ok("plan", "--all", "--format", "json").stdout) {
		if s.Kind == "network" {
			network = s.IncusName
		}
	}

	p.byHand("network", "set", network, "ipv4.nat=false")
	p.write("compose.yaml", strings.Replace(file, "WORD: old", "WORD: new", 1))

	got := parseRows[drifted](p, p.looks(true, "diff", "--all", "--format", "json"))
	want := []drifted{
		{Kind: "project", Name: p.name, Path: "user.note", Now: "mine", ByHand: true},
		{Kind: "network", Name: "front", Path: "ipv4.nat", Written: "true", Now: "false", Reverted: true},
		{Kind: "instance", Name: "web-1", Path: "environment.DB_PASSWORD", Sensitive: true},
		{Kind: "instance", Name: "web-1", Path: "limits.memory", Compose: "mem_limit", Written: "64MiB", Now: "1GiB"},
		{Kind: "instance", Name: "web-1", Path: "user.note", Now: "mine", ByHand: true},
	}

	for _, w := range want {
		i := slices.IndexFunc(got, func(d drifted) bool { return d.Kind == w.Kind && d.Path == w.Path })
		if i < 0 {
			t.Errorf("%s is missing", w.Path)
			continue
		}

		if got[i] != w {
			t.Errorf("got %+v, want %+v", got[i], w)
		}
	}

	if len(got) != len(want) {
		t.Errorf("got %+v", got)
	}

	table := p.looks(true, "diff", "web")
	p.remove("compose.yaml")

	if gone := p.looks(true, "-p", p.name, "diff", "web"); !strings.Contains(gone, "limits.memory") && !strings.Contains(gone, "mem_limit") {
		t.Errorf("without the compose file the diff is\n%s", gone)
	}

	p.fails(1, []string{"-p", p.name, "diff", "wbe"}, `"wbe"`, "web")
	p.write("compose.yaml", file)

	for _, text := range []string{"KIND ", "mem_limit", "The compose files ask for changes, too"} {
		if !strings.Contains(table, text) || strings.Contains(table, "note") || strings.Contains(table, "stolen") {
			t.Errorf("%q is not as it should be in\n%s", text, table)
		}
	}
}

func TestWhatOthersHaveChangedStaysUntilItIsReverted(t *testing.T) {
	t.Parallel()

	p := newProject(t, sleeper)
	p.ok("up", "-d")

	name := p.instance("web", 1)
	p.byHand("config", "set", name, "limits.memory=1GiB", "user.icc.service=web", "user.label.x=1", "--project", p.name)
	p.byHand("config", "set", name, "boot.autostart.priority=7", "boot.autostart=true", "--project", p.name)

	if got := p.looks(true, "diff"); !strings.Contains(got, "boot.autostart.priority") || !strings.Contains(got, "--revert-drift") || strings.Contains(got, "limits.memory") {
		t.Errorf("the diff is\n%s", got)
	}

	if got := strings.Fields(p.looks(true, "diff", "--format", "json")); len(got) != 2 || !strings.Contains(got[0], `"Path":"boot.autostart","Written":"false","Now":"true"}`) {
		t.Errorf("what has changed is %q", got)
	}

	p.looks(false, "plan")
	p.ok("up", "-d")

	if got := p.key("web", "boot.autostart.priority"); got != "7" {
		t.Errorf("up has made it %q", got)
	}

	p.looks(true, "plan", "--revert-drift")
	p.ok("up", "-d", "--revert-drift")

	if got := p.key("web", "boot.autostart.priority"); got == "7" || p.key("web", "limits.memory") != "1GiB" {
		t.Errorf("after reverting it is %q, and the limit of others %q", got, p.key("web", "limits.memory"))
	}

	p.looks(false, "diff")
}

func TestCommandsThatLookLeaveTheServerAlone(t *testing.T) {
	t.Parallel()

	p := newProject(t, sleeper)
	p.ok("up", "-d")
	p.write("compose.yaml", strings.Replace(sleeper, "infinity", "1d", 1))

	begin := time.Now()
	w := p.watch(func(e api.Event, _ api.EventLifecycle) string {
		var operation api.Operation

		// The end of what up has done is told of when up knows of it already.
		if e.Project != p.name || e.Type == api.EventTypeOperation && json.Unmarshal(e.Metadata, &operation) == nil && operation.CreatedAt.Before(begin) {
			return ""
		}

		return e.Type + " " + string(e.Metadata)
	}, api.EventTypeLifecycle, api.EventTypeOperation)

	for _, args := range [][]string{
		{"ps", "-a"}, {"ls", "-a"}, {"logs"}, {"plan"}, {"plan", "--all", "--format", "json"}, {"config"}, {"diff", "--all"}, {"up", "--dry-run"},
	} {
		if r := p.icc(args...); r.code == 1 {
			t.Error(r)
		}
	}

	if seen := w.seen(); len(seen) > 0 {
		t.Errorf("the server saw %s", strings.Join(seen, "\n"))
	}

	p.ok("stop", "-t", "0", "web")
	w.sees(api.EventTypeOperation)
}
