//go:build incus

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lxc/incus/v6/shared/api"
)

// pair is a service with an anonymous volume that depends on another one.
const pair = `
services:
  web:
    image: busybox:1
    command: [sleep, infinity]
    stop_grace_period: 0s
    environment: {WORD: one}
    volumes: [/scratch]
    depends_on: [db]
  db: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, environment: {WORD: one}}
`

// selves tells the instances of the project from those that have had their names before.
func (p *project) selves() map[string]string {
	p.t.Helper()

	out := map[string]string{}
	for name, i := range p.instances() {
		out[strings.TrimPrefix(name, p.name+"-")] = fmt.Sprintf("made %s started %s", i.CreatedAt, i.LastUsedAt)
	}

	return out
}

// anew fails the test unless exactly these instances are others than before, or were started anew.
func (p *project) anew(what string, before map[string]string, want ...string) {
	p.t.Helper()

	got := []string{}

	for name, self := range p.selves() {
		if before[name] != self {
			got = append(got, name)
		}
	}

	slices.Sort(got)

	if !slices.Equal(got, append([]string{}, want...)) {
		p.t.Errorf("%s: these are anew: %q, want %q", what, got, want)
	}
}

func TestWhatExistsIsMadeAnewOrLeftAsAsked(t *testing.T) {
	t.Parallel()
	p := newProject(t, pair)
	p.ok("up", "-d")
	p.inside("web", "echo kept > /scratch/file")

	before := p.selves()
	p.ok("up", "-d", "--force-recreate", "web")
	p.anew("--force-recreate of a service", before, "web-1")

	if got := p.inside("web", "cat /scratch/file"); got != "kept" {
		t.Errorf("after --force-recreate the anonymous volume has %q", got)
	}

	p.write("compose.yaml", strings.ReplaceAll(pair, "WORD: one", "WORD: two"))

	before = p.selves()
	r := p.ok("up", "-d", "--no-recreate")
	p.anew("--no-recreate", before)

	if !strings.Contains(r.stderr, p.instance("web", 1)) || p.inside("web", "tr '\\0' '\\n' </proc/$(pidof sleep)/environ | grep WORD") != "WORD=one" {
		t.Errorf("--no-recreate does not say what it leaves, or changed it:\n%s", r.stderr)
	}

	if steps := p.plan("--no-recreate"); len(steps) > 0 {
		t.Errorf("--no-recreate again has something to do: %+v", steps)
	}

	before = p.selves()
	p.ok("up", "-d", "--no-deps", "-V", "web")
	p.anew("a change with --renew-anon-volumes", before, "web-1")

	if got := p.inside("web", "ls /scratch; echo $WORD"); got != "two" {
		t.Errorf("with --renew-anon-volumes web has %q", got)
	}

	before = p.selves()
	p.ok("up", "-d", "--always-recreate-deps", "web")
	p.anew("--always-recreate-deps", before, "db-1")
	p.ok("down", "--volumes")
	p.leavesNothing()
}

// destroy removes an instance by hand.
func (p *project) destroy(name string) {
	p.t.Helper()

	server := p.host.Incus(p.t).UseProject(p.name)
	op, err := server.UpdateInstanceState(name, api.InstanceStatePut{Action: "stop", Force: true, Timeout: -1}, "")
	p.must(err)
	p.must(op.Wait())
	op, err = server.DeleteInstance(name)
	p.must(err)
	p.must(op.Wait())
}

// addresses are those of the project's instances.
func (p *project) addresses() map[string]string {
	p.t.Helper()

	out := map[string]string{}
	for _, row := range p.ps() {
		out[row.Name] = row.address(p.t)
	}

	return out
}

func TestScaleIsKeptUntilTheNextUp(t *testing.T) {
	t.Parallel()
	p := newProject(t, pair)
	p.ok("create")
	p.wantInstances(p.instance("web", 1)+" stopped", p.instance("db", 1)+" stopped")
	p.ok("scale", "web=3")

	running := func(numbers ...int) {
		t.Helper()

		want := []string{p.instance("db", 1) + " running"}
		for _, n := range numbers {
			want = append(want, p.instance("web", n)+" running")
		}

		p.wantInstances(want...)
	}
	running(1, 2, 3)

	addresses := p.addresses()
	before := p.selves()
	p.ok("stop", "-t", "0")
	p.ok("start", "--wait")
	running(1, 2, 3)
	p.anew("stop and start", before, "db-1", "web-1", "web-2", "web-3")

	// Who is not asked for keeps its replicas and their names on the network.
	for _, args := range [][]string{{"up", "-d", "db"}, {"run", "--dry-run", "db", "true"}} {
		if r := p.ok(args...); strings.Contains(r.String(), "network") || strings.Contains(r.String(), "Network") {
			t.Errorf("icc changes the network:\n%s", r)
		}
	}

	// A gap is nobody's business.
	p.destroy(p.instance("web", 2))

	before = p.selves()
	p.ok("up", "-d", "--scale", "web=2")
	p.anew("a gap", before)
	p.ok("scale", "web=3")
	running(1, 3, 4)
	p.anew("one more", before, "web-4")
	p.ok("up", "-d")
	running(1)
	p.anew("the number of the compose file", before)

	if now := p.addresses(); now[p.instance("web", 1)] != addresses[p.instance("web", 1)] {
		t.Errorf("web-1 has moved: %v, before %v", now, addresses)
	}

	p.ok("scale", "--no-deps", "web=2")

	if r := p.ok("down", "--volumes"); strings.Contains(r.stderr, "--remove-orphans") {
		t.Errorf("down takes replicas for orphans:\n%s", r.stderr)
	}

	p.wantInstances()
}

func TestRmRemovesWhatIsStopped(t *testing.T) {
	t.Parallel()
	p := newProject(t, pair)
	p.ok("up", "-d")
	p.ok("stop", "-t", "0", "web")
	p.fails(2, []string{"rm"}, "hint: ", "--force")

	if r := p.piped("n\n", "rm"); r.code != 0 || strings.Contains(r.stderr, "Removed") {
		t.Errorf("a no is answered with %s", r)
	}

	if r := p.piped("y\n", "rm"); r.code != 0 || !strings.Contains(r.stderr, "Removed") {
		t.Errorf("a yes is answered with %s", r)
	}

	p.wantInstances(p.instance("db", 1) + " running")

	if got := p.volumes(); len(got) != 1 {
		t.Errorf("rm without --volumes leaves the volumes %q", got)
	}

	p.ok("up", "-d")
	p.ok("rm", "-s", "-f", "-v", "web")
	p.wantInstances(p.instance("db", 1) + " running")

	if got := p.volumes(); len(got) != 0 {
		t.Errorf("rm --volumes leaves the volumes %q", got)
	}

	p.ok("rm", "-sf")
	p.wantInstances()
}

func TestOneLabelOfTwentyServicesIsOneWrite(t *testing.T) {
	t.Parallel()

	file := "services:\n"
	for n := range 20 {
		file += fmt.Sprintf("  s%d: {image: \"busybox:1\", command: [sleep, infinity], labels: {who: me}}\n", n)
	}

	p := newProject(t, file)
	p.ok("create")
	p.write("compose.yaml", strings.Replace(file, "who: me", "who: you", 1))

	var (
		mu     sync.Mutex
		writes []string
	)

	socket := p.proxy(nil, func(request string) string {
		mu.Lock()
		defer mu.Unlock()

		if !strings.HasPrefix(request, "GET ") {
			writes = append(writes, request)
		}

		return ""
	})
	w := p.watchWrites()
	p.with("INCUS_SOCKET=" + socket).ok("create")

	seen := w.sees("instance-updated ")
	locks := func(text string) bool { return strings.Contains(text, "/1.0/profiles") }
	if seen = slices.DeleteFunc(seen, locks); len(seen) != 1 || !strings.HasPrefix(seen[0], "instance-updated ") {
		t.Errorf("the server saw %q", seen)
	}

	if writes = slices.DeleteFunc(writes, locks); len(writes) != 1 || !strings.HasPrefix(writes[0], "PUT /1.0/instances/"+p.instance("s0", 1)+"?") {
		t.Errorf("icc wrote %q", writes)
	}
}
