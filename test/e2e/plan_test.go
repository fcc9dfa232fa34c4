//go:build incus

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// plannedStep is a line of "icc plan --format json".
type plannedStep struct {
	Action, Kind, Name, IncusName, Class, Reason string
	Fields                                       []map[string]any
}

func (p *project) plan(args ...string) []plannedStep {
	p.t.Helper()

	return parseRows[plannedStep](p, p.ok(append([]string{"plan", "--format", "json"}, args...)...).stdout)
}

// has reports whether the plan has a step.
func has(steps []plannedStep, action, kind, name string) bool {
	return slices.ContainsFunc(steps, func(s plannedStep) bool { return s.Action == action && s.Kind == kind && s.Name == name })
}

func TestPlanShowsWhatUpDoesAndChangesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t, keeper)

	p.changesNothing("plan", func() {
		steps := p.plan()
		if !has(steps, "ensure", "instance", "keeper-1") || !has(steps, "start", "instance", "keeper-1") ||
			!has(steps, "ensure", "storage-volume", "data") || !has(steps, "ensure", "network", "default") {
			t.Errorf("the plan is %+v", steps)
		}

		if table := p.ok("plan").stdout; !strings.HasPrefix(table, "ACTION ") || !strings.Contains(table, " "+p.instance("keeper", 1)+" ") {
			t.Errorf("the table is\n%s", table)
		}

		if dry := p.ok("up", "--dry-run").stdout; !strings.Contains(dry, "keeper-1") {
			t.Errorf("up --dry-run prints\n%s", dry)
		}
	})
	p.leavesNothing()

	p.ok("up", "-d")

	if got := p.ok("plan").stdout; !strings.HasPrefix(got, "Nothing to do") {
		t.Errorf("after up the plan is\n%s", got)
	}

	if steps := p.plan(); len(steps) != 0 {
		t.Errorf("after up the plan has %+v", steps)
	}
}

func TestPlanSaysWhatChangedAndWhy(t *testing.T) {
	t.Parallel()

	p := newProject(t, keeper)
	p.ok("up", "-d")
	p.write("compose.yaml", strings.Replace(keeper, "command: [sleep, infinity]", "command: [sleep, infinity]\n    mem_limit: 64m\n    environment: {WORD: new}", 1))

	steps := p.plan()
	if len(steps) == 0 || !has(steps, "ensure", "instance", "keeper-1") {
		t.Fatalf("the plan is %+v", steps)
	}

	for _, s := range steps {
		if s.Name == "keeper-1" && s.Action == "ensure" && (s.Class == "" || s.Class == "none" || s.Reason == "" && len(s.Fields) == 0) {
			t.Errorf("the plan does not say why: %+v", s)
		}
	}

	p.ok("up", "-d")

	if got := p.inside("keeper", "echo $WORD"); got != "new" {
		t.Errorf("after up the variable is %q", got)
	}

	if got := p.ok("plan").stdout; !strings.HasPrefix(got, "Nothing to do") {
		t.Errorf("after up the plan is\n%s", got)
	}
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
