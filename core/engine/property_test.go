package engine

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/icc-project/icc/core/stack"
	"github.com/icc-project/icc/sdk/resource"
)

// order returns the plan's steps in an order in which they can be done. That there is one is the first thing that every
// plan has to have.
func order(t *rapid.T, p *Plan) []Step {
	t.Helper()
	var out []Step
	graph := stack.New()
	for _, s := range p.Steps {
		n := stack.Node{ID: s.ID(), Ref: s.Ref, Action: s.Action, Do: func(context.Context) error { out = append(out, s); return nil }}
		for _, id := range s.Needs {
			n.Needs = append(n.Needs, stack.Need{ID: id})
		}
		if err := graph.Add(n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := graph.Run(context.Background(), stack.Options{Workers: 1}); err != nil {
		t.Fatalf("the plan cannot be run: %v", err)
	}
	return out
}

// after returns what the server has when the steps are done.
func (p *anyProject) after(steps []Step) *Observation {
	o := *p.o
	o.States, o.Changes = maps.Clone(o.States), maps.Clone(o.Changes)
	for _, step := range steps {
		s := o.States[step.Ref]
		_, declared := p.m.Get(step.Ref)
		switch step.Action {
		case resource.ActionEnsure:
			c := o.Changes[step.Ref]
			o.Changes[step.Ref] = resource.Change{Ref: step.Ref, Class: resource.ClassNone}
			if !s.Exists || interrupts(step.Change.Class) && step.Ref.Kind == resource.KindInstance {
				s.Status = resource.StatusAvailable
				if step.Ref.Kind == resource.KindInstance {
					s.Status = resource.StatusStopped
				}
			} else if c.Class != step.Change.Class { // softened: the rest waits for a start
				s.Pending = []string{"x"}
			}
			s.Exists = true
		case resource.ActionStart:
			s.Status = resource.StatusRunning
		case resource.ActionStop:
			s.Status = resource.StatusStopped
		case resource.ActionDelete:
			if !declared {
				delete(o.States, step.Ref)
				delete(o.Changes, step.Ref)
				continue
			}
			s.Exists, s.Status = false, resource.StatusMissing
			o.Changes[step.Ref] = resource.Change{Ref: step.Ref, Class: resource.ClassCreate}
		}
		o.States[step.Ref] = s
	}
	return &o
}

func TestEveryUpCanBeRunAndHasNothingLeftToDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t)
		opts := p.drawUp(t)
		steps := order(t, Up(p.m, p.o, opts))
		for _, s := range steps {
			was := p.o.States[s.Ref]
			_, declared := p.m.Get(s.Ref)
			if s.Action != resource.ActionDelete {
				continue
			}
			user := ref(resource.KindInstance, strings.TrimSuffix(s.Ref.Name, ":/data"))
			renewed := slices.Contains(opts.Renew[user], s.Ref)
			if was.External || was.Persistent && was.Exists && !renewed || !declared && opts.Keep[s.Ref] {
				t.Fatalf("%s deletes what is to be kept: %+v", s.ID(), was)
			}
			if !declared && !opts.RemoveOrphans && !opts.Surplus[s.Ref] && p.o.Changes[s.Ref].Class != resource.ClassDelete {
				t.Fatalf("%s deletes an orphan that nobody asked to remove", s.ID())
			}
		}
		p.o = p.after(steps)
		opts.Fresh = make(Set) // what was made anew because that was asked for is not made anew for it again
		for r := range p.o.States {
			opts.Fresh[r] = true
		}
		if again := Up(p.withoutSurge(), p.o, opts); again.changes() {
			t.Fatalf("up after up still does %v", again.Steps)
		}
	})
}

func TestEveryDownKeepsWhatIsToBeKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t)
		if rapid.Bool().Draw(t, "without compose file") {
			p.m = NewModel(nil)
		}
		opts := DownOptions{
			Select: p.drawSelection(t), KeepOrphans: rapid.Bool().Draw(t, "keep orphans"), Keep: drawSet(t, "keep", p.undeclared),
		}
		if rapid.Bool().Draw(t, "volumes") {
			opts.Persistent = []resource.Kind{resource.KindStorageVolume}
		}
		steps := order(t, Down(p.m, p.o, opts))
		for _, s := range steps {
			was := p.o.States[s.Ref]
			kept := was.Persistent && s.Ref.Kind != resource.KindStorageVolume || was.Persistent && len(opts.Persistent) == 0
			if was.External || !opts.Select.Has(s.Ref) || kept ||
				opts.Keep[s.Ref] && len(p.m.Resolved) > 0 && s.Ref.Kind != resource.KindNetwork {
				t.Fatalf("%s touches what is to be kept: %+v", s.ID(), was)
			}
		}
		p.o = p.after(steps)
		if again := Down(p.m, p.o, opts); !again.Empty() {
			t.Fatalf("down after down still does %v", again.Steps)
		}
	})
}

func TestPowerGoalsCanBeRunWhateverWasWrittenDown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t)
		if rapid.Bool().Draw(t, "without compose file") {
			p.m = NewModel(nil)
		}
		opts := PowerOptions{Select: p.drawSelection(t), Wait: rapid.Bool().Draw(t, "wait")}
		goal := rapid.SampledFrom([]string{"stop", "start", "restart"}).Draw(t, "goal")
		plan := map[string]func(*Model, *Observation, PowerOptions) *Plan{"stop": Stop, "start": Start, "restart": Restart}[goal]
		for _, s := range order(t, plan(p.m, p.o, opts)) {
			if s.Action == resource.ActionDelete || s.Action == resource.ActionEnsure {
				t.Fatalf("%s has %s", goal, s.ID())
			}
		}
	})
}
