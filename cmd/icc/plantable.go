package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// plannedResource is all that a plan does with one resource.
type plannedResource struct {
	ref     resource.Ref
	steps   map[resource.Action]engine.Step
	reasons []string
	fields  []resource.FieldChange
}

// byResource gathers the steps of each resource, in the order of their first ones.
func byResource(p *engine.Plan) []*plannedResource {
	var out []*plannedResource
	index := make(map[resource.Ref]*plannedResource)
	for _, st := range p.Steps {
		r := index[st.Ref]
		if r == nil {
			r = &plannedResource{ref: st.Ref, steps: make(map[resource.Action]engine.Step)}
			index[st.Ref], out = r, append(out, r)
		}
		r.steps[st.Action] = st
		step := planned(p, st)
		if step.Reason != "" && !strings.Contains(strings.Join(r.reasons, "\n"), step.Reason) {
			r.reasons = append(r.reasons, step.Reason)
		}
		if st.Action == resource.ActionEnsure {
			r.fields = step.Fields
		}
	}
	return out
}

func (r *plannedResource) explained() bool { return len(r.reasons)+len(r.fields) > 0 }

// verb says in a word what happens with the resource.
func (r *plannedResource) verb() string {
	ensure, ensured := r.steps[resource.ActionEnsure]
	_, deleted := r.steps[resource.ActionDelete]
	_, stopped := r.steps[resource.ActionStop]
	_, started := r.steps[resource.ActionStart]
	_, rolledBack := r.steps[resource.ActionRollback]
	class := ensure.Change.Class
	switch {
	case rolledBack:
		return "roll back"
	case ensured && deleted && class == resource.ClassCreate && ensure.Update != nil:
		return "stand in"
	case ensured && deleted:
		return verbOf(resource.ClassRecreate)
	case deleted:
		return verbOf(resource.ClassDelete)
	case ensured && (class != resource.ClassLive || !stopped):
		return verbOf(class)
	case stopped && started:
		return verbOf(resource.ClassRestart)
	case stopped:
		return "stop"
	case started:
		return "start"
	}
	for action := range r.steps {
		if action != resource.ActionWait && action != resource.ActionComplete {
			return string(action)
		}
	}
	return "wait"
}

// verbOf says what a class of change means for a resource.
func verbOf(c resource.Class) string {
	switch c {
	case resource.ClassLive:
		return "update live"
	case resource.ClassDelete:
		return "remove"
	case resource.ClassNone, "":
		return "check" // asked for, although nothing differs
	}
	return string(c)
}

// verbs are those that the closing line counts, in its order.
func verbs() []string {
	return []string{"create", "update live", "restart", "rebuild", "recreate", "roll back", "remove", "stand in", "start", "stop", "check"}
}

func printPlanTable(w io.Writer, p *engine.Plan) error {
	printPlan(w, p, nil)
	return nil
}

// printPlan prints a row for each resource with the fields that differ, and one for each of idle.
func printPlan(w io.Writer, p *engine.Plan, idle []resource.Resolved) {
	if p.Empty() && len(idle) == 0 {
		fmt.Fprintln(w, "Nothing to do.")
		return
	}
	resources := byResource(p)
	heads := []string{"ACTION", "KIND", "NAME"}
	if slices.ContainsFunc(resources, (*plannedResource).explained) { // what a user asks for needs no reason
		heads = append(heads, "REASON")
	}
	t := view.NewTable(heads...)
	count := make(map[string]int)
	for _, r := range resources {
		verb := r.verb()
		count[verb]++
		t.Row(verb, string(r.ref.Kind), shownName(r.ref.Kind, r.ref.Name, incusNameIn(p, r.ref)), strings.Join(r.reasons, "; "))
		for _, f := range paired(r.fields) {
			t.Row("", "", "", "  "+fieldText(f))
		}
	}
	for _, r := range idle {
		t.Row("nothing", string(r.Kind), shownName(r.Kind, r.Name, r.IncusName), "")
	}
	t.Print(w)
	fmt.Fprintln(w, "\n"+summary(count))
	for _, lost := range p.Losses() {
		fmt.Fprintf(w, "What is in %s %s would be lost: `icc up` refuses that without --yes.\n",
			lost.Ref.Kind, shownName(lost.Ref.Kind, lost.Ref.Name, incusNameIn(p, lost.Ref)))
	}
}

// summary counts what happens: "3 to create, 1 to restart".
func summary(count map[string]int) string {
	var parts []string
	for _, verb := range verbs() {
		if n := count[verb]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n, verb))
		}
	}
	if len(parts) == 0 {
		return "Nothing to do."
	}
	return strings.Join(parts, ", ")
}

// paired joins what goes away and what comes under one name in the compose file: another port is another device.
func paired(fields []resource.FieldChange) []resource.FieldChange {
	var out []resource.FieldChange
	for _, f := range fields {
		i := slices.IndexFunc(out, func(o resource.FieldChange) bool {
			same := f.Compose != "" && o.Compose == f.Compose && o.Class == f.Class && !f.Sensitive && !o.Sensitive
			return same && (o.Before == "" && f.After == "" || o.After == "" && f.Before == "") && o.Before+o.After != "" && f.Before+f.After != ""
		})
		if i < 0 {
			out = append(out, f)
			continue
		}
		out[i].Before, out[i].After = out[i].Before+f.Before, out[i].After+f.After
	}
	return out
}

// fieldText describes one differing field. Sensitive values are not shown, and files have none.
func fieldText(f resource.FieldChange) string {
	name := f.Name()
	switch {
	case f.Sensitive, f.Before == "" && f.After == "":
		return fmt.Sprintf("%s: changed (%s)", name, f.Class)
	case f.Before == "":
		return fmt.Sprintf("%s: %s (%s)", name, f.After, f.Class)
	case f.After == "":
		return fmt.Sprintf("%s: %s goes away (%s)", name, f.Before, f.Class)
	}
	return fmt.Sprintf("%s: %s -> %s (%s)", name, f.Before, f.After, f.Class)
}
