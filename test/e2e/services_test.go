//go:build incus

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestScaleUpAndDown(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d", "--scale", "web=3")
	p.wantInstances(p.instance("db", 1)+" running",
		p.instance("web", 1)+" running", p.instance("web", 2)+" running", p.instance("web", 3)+" running")

	before := p.instances()
	p.ok("up", "-d", "--scale", "web=2")
	p.wantInstances(p.instance("db", 1)+" running", p.instance("web", 1)+" running", p.instance("web", 2)+" running")

	if was, now := before[p.instance("web", 1)], p.instances()[p.instance("web", 1)]; was.CreatedAt != now.CreatedAt || was.LastUsedAt != now.LastUsedAt {
		t.Error("scaling touched an instance that stays")
	}

	p.ok("up", "-d", "--scale", "web=0")
	p.wantInstances(p.instance("db", 1) + " running")
	p.ok("up", "-d")
	p.wantInstances(p.instance("db", 1)+" running", p.instance("web", 1)+" running")
	p.fails(1, []string{"up", "-d", "--scale", "nobody=2"}, `"nobody"`, "hint: ")
	p.fails(2, []string{"up", "-d", "--scale", "web=many"}, "web=many", "hint: ")
}

func TestReplicasShareTheServicesName(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  client: {image: "busybox:1", command: [sleep, infinity]}
  web: {image: "busybox:1", command: [sleep, infinity], deploy: {replicas: 2}}
`)
	p.ok("up", "-d")

	for _, row := range p.ps("web") {
		p.until(20*time.Second, "web has the address "+row.address(t), func() (string, bool) {
			r := p.icc("exec", "-T", "client", "sh", "-c", "nslookup web | grep ^Address: | tail -n +2")

			return r.String(), slices.Contains(strings.Fields(r.stdout), row.address(t))
		})
	}

	for _, number := range []string{"1", "2"} {
		if got := p.ok("exec", "-T", "--index", number, "web", "hostname").stdout; !strings.Contains(got, "web-"+number) && got == "" {
			t.Errorf("--index %s runs in %q", number, got)
		}
	}
}

func TestUpOfAServiceBringsWhatItNeeds(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper+`
  other: {image: "busybox:1", command: [sleep, infinity]}
`)
	p.ok("up", "-d", "web")
	p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")
}

func TestUpNoDepsBringsTheServiceAlone(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d", "--no-deps", "web")
	p.wantInstances(p.instance("web", 1) + " running")
	p.ok("up", "-d", "db")
	p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")
}

func TestUpOfAServiceDoesNotDisturbTheOthers(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  client: {image: "busybox:1", command: [sleep, infinity]}
  web: {image: "busybox:1", command: [sleep, infinity]}
`)
	p.ok("up", "-d")
	p.ok("up", "-d", "web")

	p.until(20*time.Second, "after up web, client has its name", func() (string, bool) {
		r := p.icc("exec", "-T", "web", "nslookup", "client")

		return r.String(), r.code == 0
	})
}

func TestDownOfAServiceRemovesIt(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")
	p.ok("down", "web")
	p.wantInstances(p.instance("db", 1) + " running")
}

func TestOrphans(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")
	p.write("compose.yaml", strings.Replace(sleeper, "    depends_on: [db]\n", "", 1)[:strings.Index(sleeper, "    depends_on")]+"\n")

	r := p.ok("up", "-d")
	if !strings.Contains(r.stderr, p.instance("db", 1)) || !strings.Contains(r.stderr, "--remove-orphans") {
		t.Errorf("up does not tell of the orphan:\n%s", r.stderr)
	}

	p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")

	if rows := p.ps(); len(rows) != 2 {
		t.Errorf("ps hides the orphan: %+v", rows)
	}

	p.ok("up", "-d", "--remove-orphans")
	p.wantInstances(p.instance("web", 1) + " running")
}

func TestDownKeepsOrphansUnlessAsked(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")
	p.write("compose.yaml", "services:\n  web: {image: \"busybox:1\", command: [sleep, infinity]}\n")
	p.ok("down")
	p.wantInstances(p.instance("db", 1) + " running")
	p.ok("down", "--remove-orphans")
	p.leavesNothing()
}

func TestDownRemovesNetworksAndVolumesThatTheFileNoLongerHas(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: busybox:1
    command: [sh, -c, "trap 'sleep 1; exit 0' TERM; while :; do sleep 0.1; done"]
    networks: [old]
    volumes: ["data:/data"]
networks: {old: {}}
volumes: {data: {}}
`)
	p.ok("up", "-d")
	p.write("compose.yaml", "services:\n  web: {image: \"busybox:1\", command: [sleep, infinity]}\n")
	p.ok("down", "--volumes")
	p.leavesNothing()
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web: {image: "busybox:1", command: [sleep, infinity]}
  debug: {image: "busybox:1", command: [sleep, infinity], profiles: [debug]}
`)
	p.ok("up", "-d")
	p.wantInstances(p.instance("web", 1) + " running")
	p.ok("--profile", "debug", "up", "-d")
	p.wantInstances(p.instance("web", 1)+" running", p.instance("debug", 1)+" running")

	if r := p.ok("up", "-d"); strings.Contains(r.stderr, "--remove-orphans") {
		t.Errorf("a service of an inactive profile is taken for an orphan:\n%s", r.stderr)
	}

	if r := p.ok("down"); !strings.Contains(r.stderr, "--profile '*'") || !strings.Contains(r.stderr, p.instance("debug", 1)) {
		t.Errorf("down does not say what it leaves:\n%s", r.stderr)
	}

	p.wantInstances(p.instance("debug", 1) + " running")
	p.ok("--profile", "*", "down")
	p.leavesNothing()
	p.ok("up", "-d", "debug")
	p.wantInstances(p.instance("debug", 1) + " running")
}

func TestTwoProjectsWithTheSameServiceNamesDoNotMeet(t *testing.T) {
	t.Parallel()
	p := newProject(t, keeper)
	other := p.another(keeper)
	p.ok("up", "-d")
	other.ok("up", "-d")
	p.inside("keeper", "echo one > /data/file")
	other.inside("keeper", "echo two > /data/file")

	if one, two := p.inside("keeper", "cat /data/file"), other.inside("keeper", "cat /data/file"); one != "one" || two != "two" {
		t.Errorf("the volumes have %q and %q", one, two)
	}

	for _, host := range []string{other.ps()[0].address(t), other.instance("keeper", 1)} {
		if r := p.icc("exec", "-T", "keeper", "ping", "-c", "1", "-W", "2", host); r.code == 0 {
			t.Errorf("one project reaches the other's %s", host)
		}
	}

	p.ok("down", "--volumes")
	other.wantInstances(other.instance("keeper", 1) + " running")

	if got := other.inside("keeper", "cat /data/file"); got != "two" {
		t.Errorf("down of one project took the other's data: %q", got)
	}
}

func TestAProjectNameWithHyphens(t *testing.T) {
	t.Parallel()
	p := newProject(t, "")
	p.named(p.name + "-a-b")
	p.write("compose.yaml", "name: "+p.name+"\nservices:\n  c-d: {image: \"busybox:1\", command: [sleep, infinity], volumes: [\"e-f:/data\"]}\nvolumes: {e-f: {}}\n")
	p.ok("up", "-d")
	p.wantInstances(p.name + "-c-d-1 running")

	if got := p.inside("c-d", "echo here"); got != "here" {
		t.Errorf("exec prints %q", got)
	}
}
