package engine

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/resource"
)

// anyProject is a project in some state, with what the command line may ask for it.
type anyProject struct {
	m        *Model
	o        *Observation
	services []anyService
	// undeclared are what the server has besides.
	undeclared []resource.Ref
}

type anyService struct {
	name            string
	replicas, surge []resource.Ref
	onDemand        bool
}

func drawProject(t *rapid.T) *anyProject {
	p := &anyProject{o: &Observation{
		States: map[resource.Ref]resource.State{}, Changes: map[resource.Ref]resource.Change{}, Priorities: map[resource.Kind]int{},
	}}
	all := []resource.Resolved{resolved(ref(resource.KindProject, "p"))}
	for _, kind := range []resource.Kind{resource.KindImage, resource.KindNetwork, resource.KindStorageVolume} {
		for i := range rapid.IntRange(1, 2).Draw(t, string(kind)) {
			all = append(all, resolved(ref(kind, fmt.Sprint(i)), edge(all[0].Ref, resource.ConditionEnsured)))
		}
	}
	things := slices.Clone(all)
	for i := range rapid.IntRange(1, 4).Draw(t, "services") {
		all = append(all, p.drawService(t, i, things)...)
	}
	p.m = NewModel(all)
	for _, r := range all {
		p.o.Priorities[r.Kind] = r.Priority
		p.drawState(t, r)
	}
	p.drawUndeclared(t)
	return p
}

// drawService returns the replicas of a service, which need things and earlier services.
func (p *anyProject) drawService(t *rapid.T, i int, things []resource.Resolved) []resource.Resolved {
	s := anyService{name: fmt.Sprintf("s%d", i), onDemand: rapid.IntRange(0, 5).Draw(t, "on demand") == 0}
	var edges []resource.Edge
	for _, r := range things {
		if rapid.Bool().Draw(t, "needs "+r.Ref.String()) {
			edges = append(edges, edge(r.Ref, resource.ConditionEnsured))
		}
	}
	for _, other := range p.services {
		if !rapid.Bool().Draw(t, "depends on "+other.name) {
			continue
		}
		e := resource.Edge{Condition: rapid.SampledFrom([]resource.Condition{
			resource.ConditionStarted, resource.ConditionHealthy, resource.ConditionCompleted,
		}).Draw(t, "condition"), Restart: rapid.Bool().Draw(t, "restart"), Optional: rapid.Bool().Draw(t, "optional")}
		if other.onDemand {
			e = resource.Edge{Condition: resource.ConditionPrepared}
		}
		for _, e.To = range other.replicas {
			edges = append(edges, e)
		}
	}
	n, surge := rapid.IntRange(1, 3).Draw(t, "replicas"), rapid.IntRange(0, 1).Draw(t, "surge")
	if s.onDemand {
		n, surge = 1, 0
	}
	var out []resource.Resolved
	anonymous := rapid.Bool().Draw(t, "anonymous volume")
	for number := range n + surge {
		r := resolved(ref(resource.KindInstance, fmt.Sprintf("%s-%d", s.name, number)), slices.Clone(edges)...)
		if anonymous {
			volume := resolved(ref(resource.KindStorageVolume, r.Name+":/data"), edge(things[0].Ref, resource.ConditionEnsured))
			r.DependsOn = append(r.DependsOn, edge(volume.Ref, resource.ConditionEnsured))
			out = append(out, volume)
		}
		r.Actions = append(r.Actions, resource.ActionMonitor, resource.ActionRollback)
		out = append(out, r)
		if number < n {
			s.replicas = append(s.replicas, r.Ref)
		} else {
			s.surge = append(s.surge, r.Ref)
		}
	}
	p.services = append(p.services, s)
	return out
}

func (p *anyProject) drawState(t *rapid.T, r resource.Resolved) {
	s := resource.State{Ref: r.Ref, IncusName: r.IncusName, Declared: true, Status: resource.StatusMissing}
	s.Persistent = r.Kind == resource.KindImage || r.Kind == resource.KindStorageVolume
	c := resource.Change{Ref: r.Ref, Class: resource.ClassCreate, Reason: "does not exist"}
	surge := slices.ContainsFunc(p.services, func(s anyService) bool { return slices.Contains(s.surge, r.Ref) })
	if s.Exists = !surge && rapid.Bool().Draw(t, r.Ref.String()+" exists"); s.Exists {
		s.Status = resource.StatusAvailable
		classes := []resource.Class{resource.ClassNone, resource.ClassNone, resource.ClassLive, resource.ClassRestart, resource.ClassRecreate}
		if r.Kind == resource.KindInstance {
			s.Status = rapid.SampledFrom([]string{resource.StatusRunning, resource.StatusStopped, resource.StatusPaused}).Draw(t, "status")
			classes = append(classes, resource.ClassRebuild)
		}
		c.Class = rapid.SampledFrom(classes).Draw(t, "class")
		if r.Kind == resource.KindNetwork && rapid.IntRange(0, 3).Draw(t, "external") == 0 {
			s.External, c.Class = true, resource.ClassNone
		}
	}
	p.o.States[r.Ref], p.o.Changes[r.Ref] = s, c
}

// drawUndeclared adds what former runs have left, with the edges that they wrote down at different times.
func (p *anyProject) drawUndeclared(t *rapid.T) {
	for i := range rapid.IntRange(0, 4).Draw(t, "undeclared") {
		kind := rapid.SampledFrom([]resource.Kind{
			resource.KindInstance, resource.KindInstance, resource.KindNetwork, resource.KindStorageVolume,
		}).Draw(t, "kind")
		s := resource.State{Ref: ref(kind, fmt.Sprintf("old-%d", i)), Exists: true, Status: resource.StatusAvailable}
		s.IncusName = "p-" + s.Name
		s.Persistent = kind == resource.KindStorageVolume
		s.External = rapid.IntRange(0, 5).Draw(t, "external") == 0
		if kind == resource.KindInstance {
			s.Status = rapid.SampledFrom([]string{resource.StatusRunning, resource.StatusStopped}).Draw(t, "status")
			if rapid.IntRange(0, 2).Draw(t, "surplus") == 0 {
				p.o.Changes[s.Ref] = resource.Change{Ref: s.Ref, Class: resource.ClassDelete, Reason: "fewer replicas"}
			}
		}
		p.undeclared = append(p.undeclared, s.Ref)
		p.o.States[s.Ref] = s
	}
	for _, r := range p.undeclared {
		if s := p.o.States[r]; r.Kind == resource.KindInstance {
			for _, to := range p.undeclared {
				if to.Kind == resource.KindInstance && to != r && rapid.Bool().Draw(t, r.Name+" depended on "+to.Name) {
					s.DependsOn = append(s.DependsOn, edge(to, resource.ConditionStarted))
				}
			}
			p.o.States[r] = s
		}
	}
}

// withoutSurge is the model of a run in which nothing has to stand in for anything.
func (p *anyProject) withoutSurge() *Model {
	var out []resource.Resolved
	for _, r := range p.m.Resolved {
		user := ref(resource.KindInstance, strings.TrimSuffix(r.Name, ":/data"))
		if !slices.ContainsFunc(p.services, func(s anyService) bool { return slices.Contains(s.surge, user) }) {
			out = append(out, r)
		}
	}
	return NewModel(out)
}

// drawSet draws some of the refs.
func drawSet(t *rapid.T, name string, refs []resource.Ref) Set {
	out := make(Set)
	for _, r := range refs {
		if rapid.IntRange(0, 2).Draw(t, name+" "+r.String()) == 0 {
			out[r] = true
		}
	}
	return out
}

// drawSelection draws what a command line selects; nil is everything.
func (p *anyProject) drawSelection(t *rapid.T) Selection {
	if rapid.Bool().Draw(t, "all") {
		return nil
	}
	var roots []resource.Ref
	for _, s := range p.services {
		if rapid.Bool().Draw(t, "selects "+s.name) && !s.onDemand {
			roots = append(roots, s.replicas...)
		}
	}
	return p.m.Select(roots, rapid.Bool().Draw(t, "no dependencies"))
}

func (p *anyProject) drawUp(t *rapid.T) UpOptions {
	recreation := rapid.SampledFrom([]Recreation{RecreateDiverged, RecreateDiverged, RecreateAlways, RecreateNever})
	opts := UpOptions{
		Select: p.drawSelection(t), RemoveOrphans: rapid.Bool().Draw(t, "remove orphans"),
		Keep: drawSet(t, "keep", p.undeclared), Surplus: drawSet(t, "surplus", p.undeclared),
		Recreate: recreation.Draw(t, "recreate"), RecreateDependencies: recreation.Draw(t, "recreate dependencies"),
		NoStart: rapid.IntRange(0, 3).Draw(t, "no start") == 0, Wait: rapid.Bool().Draw(t, "wait"),
		Renew: make(map[resource.Ref][]resource.Ref), Options: resource.NewOptions(resource.OptionCreate()),
	}
	if rapid.Bool().Draw(t, "renew") {
		for _, r := range p.m.Resolved {
			if volume := ref(resource.KindStorageVolume, r.Name+":/data"); p.o.States[volume].Exists {
				opts.Renew[r.Ref] = []resource.Ref{volume}
			}
		}
	}
	for _, s := range p.services {
		if !s.onDemand && rapid.Bool().Draw(t, s.name+" rolls") {
			opts.Rolling = append(opts.Rolling, Rollout{
				Service: s.name, Replicas: s.replicas, Surge: s.surge,
				Update: resource.UpdatePolicy{Parallelism: rapid.IntRange(0, 2).Draw(t, "parallelism"), Delay: 1},
			})
		}
	}
	return opts
}
