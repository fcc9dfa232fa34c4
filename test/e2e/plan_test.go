//go:build incus

package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// plannedStep is a line of "icc plan --format json".
type plannedStep struct {
	Action, Kind, Name, IncusName, Class, Reason string
	Fields                                       []map[string]any
}

// looks runs a command that ends with 2 when it has something to tell, and with 0 when not.
func (p *project) looks(tells bool, args ...string) string {
	p.t.Helper()

	r := p.icc(args...)
	if want := map[bool]int{true: 2}[tells]; r.code != want {
		p.t.Fatalf("want exit code %d: %s", want, r)
	}

	return r.stdout
}

// plan returns the steps, after it has checked the exit code against them.
func (p *project) plan(args ...string) []plannedStep {
	p.t.Helper()

	r := p.icc(append([]string{"plan", "--format", "json"}, args...)...)
	steps := parseRows[plannedStep](p, r.stdout)

	if want := map[bool]int{true: 2}[len(steps) > 0]; r.code != want {
		p.t.Fatalf("want exit code %d: %s", want, r)
	}

	return steps
}

// has reports whether the plan has a step.
func has(steps []plannedStep, action, kind, name string) bool {
	return slices.ContainsFunc(steps, func(s plannedStep) bool { return s.Action == action && s.Kind == kind && s.Name == name })
}

func TestPlanShowsWhatUpDoesAndChangesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t, keeper)
	p.another(sleeper).ok("up", "-d") // it has the image, so that no other test removes that meanwhile

	p.changesNothing("plan", func() {
		steps := p.plan()
		if !has(steps, "ensure", "instance", "keeper-1") || !has(steps, "start", "instance", "keeper-1") ||
			!has(steps, "ensure", "storage-volume", "data") || !has(steps, "ensure", "network", "default") {
			t.Errorf("the plan is %+v", steps)
		}

		table := p.looks(true, "plan")
		if !strings.HasPrefix(table, "ACTION ") || !strings.Contains(table, " "+p.instance("keeper", 1)+" ") || !strings.HasSuffix(table, " to create\n") {
			t.Errorf("the table is\n%s", table)
		}

		if dry := p.ok("up", "--dry-run").stdout; dry != table {
			t.Errorf("up --dry-run prints\n%s", dry)
		}

		p.fails(1, []string{"plan", "--no-such-flag"}) // not 2, which says that something would change
	})
	p.leavesNothing()

	p.ok("up", "-d")

	if got := p.ok("plan").stdout; !strings.HasPrefix(got, "Nothing to do") {
		t.Errorf("after up the plan is\n%s", got)
	}

	if steps := p.plan(); len(steps) != 0 {
		t.Errorf("after up the plan has %+v", steps)
	}

	if all := p.ok("plan", "--all").stdout; strings.Count(all, "\nnothing ") < 4 {
		t.Errorf("plan --all prints\n%s", all)
	}
}

// shopper has attributes of which each is written to the server in another way.
const shopper = `
services:
  web:
    image: busybox:1
    command: [sleep, infinity]
    ports: ["127.0.0.1:%PORT%:80"]
    environment: {WORD: old, DB_PASSWORD: hunter2, BROKER: "amqp://app:hunter2@mq"}
    labels: {tier: front}
    mem_limit: 64m
    restart: unless-stopped
    secrets: [pw]
    networks: [front]
networks: {front: {labels: {a: "1"}}}
secrets: {pw: {file: ./pw}}
`

func TestPlanSaysWhatChangedAndWhy(t *testing.T) {
	t.Parallel()

	ports := []string{strconv.Itoa(freePort()), strconv.Itoa(freePort())}
	file := strings.ReplaceAll(shopper, "%PORT%", ports[0])
	p := newProject(t, file)
	p.write("pw", "hunter2")
	p.ok("up", "-d")
	p.write("pw", "hunter3")
	p.write("compose.yaml", strings.NewReplacer(ports[0], ports[1], "WORD: old", "WORD: new", "hunter2", "hunter3", "tier: front", "tier: back",
		"64m", "96m", `a: "1"`, `a: "2"`, "unless-stopped", "always").Replace(file))

	table := p.looks(true, "plan")
	raw := p.looks(true, "plan", "--format", "json")

	for _, want := range []string{
		"ports: 127.0.0.1:" + ports[0] + ":80 -> 127.0.0.1:" + ports[1] + ":80 (live)\n", "environment.WORD: old -> new (restart)\n",
		"environment.DB_PASSWORD: changed (restart)\n", "environment.BROKER: amqp://app:***@mq -> amqp://app:***@mq (restart)\n",
		"labels.tier: front -> back (live)\n", "mem_limit: 64MiB -> 96MiB (live)\n", "labels.a: 1 -> 2 (live)\n", "restart: unless-stopped -> always (live)\n", "restart ", "update live ",
		"\n2 to update live, 1 to restart\n",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the plan does not say %q:\n%s", want, table)
		}
	}

	if strings.Contains(table+raw, "hunter") {
		t.Errorf("the plan shows secrets:\n%s%s", table, raw)
	}

	p.ok("up", "-d")

	if got := p.inside("web", "echo $WORD $(cat /run/secrets/pw)"); got != "new hunter3" {
		t.Errorf("after up the variable and the secret are %q", got)
	}

	p.looks(false, "plan")
	p.ok("stop", "-t", "0")

	if got := p.looks(true, "plan", "--all"); !strings.Contains(got, p.instance("web", 1)+" ") || !strings.Contains(got, " it is stopped\n") || strings.Contains(got, " \n") {
		t.Errorf("the plan of a start is\n%q", got)
	}
}

func TestDataIsLostOnlyWithConsent(t *testing.T) {
	t.Parallel()

	p := newProject(t, keeper)
	p.ok("up", "-d")
	p.inside("keeper", "echo precious > /data/file")
	p.write("compose.yaml", strings.Replace(keeper, "  data:\n", "  data: {x-incus: {initial.mode: \"0700\"}}\n", 1))

	if plan := p.looks(true, "plan"); !strings.Contains(plan, "2 to recreate") || !strings.Contains(plan, "would be lost") {
		t.Errorf("the plan is\n%s", plan)
	}

	p.fails(1, []string{"up", "-d"}, p.name+"_data", "would be lost", "initial.mode", "--yes")

	if got := p.inside("keeper", "cat /data/file"); got != "precious" {
		t.Errorf("after the refusal the file is %q", got)
	}

	p.ok("up", "-d", "--yes")

	if got := p.inside("keeper", "ls /data; stat -c %a /data"); got != "700" {
		t.Errorf("the new volume has %q", got)
	}

	p.looks(false, "plan")
}

func TestPlanOf500ServicesHasThemAll(t *testing.T) {
	t.Parallel()

	var text strings.Builder

	text.WriteString("services:\n")

	for i := range 500 {
		fmt.Fprintf(&text, "  s%d: {image: \"busybox:1\", command: [sleep, infinity]", i)

		if i > 0 {
			fmt.Fprintf(&text, ", depends_on: [s%d]", i/2)
		}

		text.WriteString("}\n")
	}

	p := newProject(t, text.String())
	count := 0

	for _, s := range p.plan() {
		if s.Action == "ensure" && s.Kind == "instance" {
			count++
		}
	}

	if count != 500 {
		t.Errorf("the plan has %d instances", count)
	}
}
