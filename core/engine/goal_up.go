package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// UpOptions bound what Up does.
type UpOptions struct {
	// Select bounds the run to some resources; nil means all.
	Select Selection
	// RemoveOrphans deletes startable objects that no declaration names.
	RemoveOrphans bool
	// Keep names undeclared objects that are neither surplus nor orphans: those of services that were not asked for.
	Keep Set
	// Surplus names undeclared objects that go without being called orphans: those of services scaled to nothing.
	Surplus Set
	// Asked names the resources that the run is for: the other selected ones come along because these need them. Nil
	// means all.
	Asked Selection
	// Recreate is for what was asked for and RecreateDependencies for what comes along.
	Recreate, RecreateDependencies Recreation
	// Fresh are those that were made anew since that was asked for, and are not made anew again for it.
	Fresh Set
	// Renew names what is only a resource's and is made anew with it whenever that is interrupted: its anonymous volumes.
	Renew map[resource.Ref][]resource.Ref
	// Rolling are the services whose replicas are changed one after the other.
	Rolling []Rollout
	// NoStart creates and updates, but starts nothing.
	NoStart bool
	// Wait waits until everything that was asked for is healthy, as far as it has a health check, or has completed where
	// others count on that. Options.DependencyTimeout bounds each wait.
	Wait bool
	// Kinds bounds the kinds that are ensured; nil means all. `icc pull` names the image kind only.
	Kinds []resource.Kind
	// Force runs ensure even where the observation found nothing to do (`icc build`).
	Force []resource.Ref
	// Grace is how long what is stopped on the way has for that; 0 means its own time.
	Grace   time.Duration
	Options resource.Options
}

// Up plans to bring the selected resources into their declared form and to start what can be started.
func Up(m *Model, o *Observation, opts UpOptions) *Plan {
	o, outdated := opts.recreated(m, o)
	p := newPlan(m, o)
	p.Outdated = outdated
	for _, r := range m.Resolved {
		if !opts.Select.Has(r.Ref) || m.onDemand[r.Ref] {
			continue
		}
		p.planEnsure(r, opts)
		if !opts.NoStart {
			p.planStart(r, opts)
		}
	}
	p.planSurplus(opts)
	p.planClearings(opts)
	p.planRestarts(opts)
	p.planRenewals(opts)
	p.planOnDemand(opts)
	for _, r := range m.Resolved {
		p.linkUp(r, opts)
		if opts.Wait && opts.Select.Has(r.Ref) && !m.onDemand[r.Ref] {
			p.waitForAll(r, opts)
		}
	}
	p.linkRestarts()
	p.linkRemovals()
	p.planRolling(opts)
	return p
}

func (p *Plan) planEnsure(r resource.Resolved, opts UpOptions) {
	if opts.Kinds != nil && !slices.Contains(opts.Kinds, r.Kind) {
		return
	}
	c := p.Observation.Changes[r.Ref]
	forced := slices.Contains(opts.Force, r.Ref)
	if !forced && (c.Class == "" || c.Class == resource.ClassNone) {
		return
	}
	run := opts.Options
	if resource.SupportsAction(r, resource.ActionStop) {
		run = opts.stopping()
		// Without a start, what takes effect with one waits for it: a service that runs is not left stopped for that.
		gentle := c.Class == resource.ClassLive || c.Class == resource.ClassRestart
		run.KeepRunning = opts.recreation(r.Ref) == RecreateNever || opts.NoStart && gentle
	}
	run.Create = true
	p.add(Step{Ref: r.Ref, Action: resource.ActionEnsure, Change: c, Options: run})
}

// stopping are the options of what stops something.
func (opts UpOptions) stopping() resource.Options {
	run := opts.Options
	if opts.Grace > 0 {
		run.Timeout = opts.Grace
	}
	return run
}

// planStart adds a start where the resource does not run already or will be made anew.
func (p *Plan) planStart(r resource.Resolved, opts UpOptions) {
	if !resource.SupportsAction(r, resource.ActionStart) || opts.Kinds != nil {
		return
	}
	state, interrupted := p.Observation.States[r.Ref], interrupts(p.Observation.Changes[r.Ref].Class)
	if state.Status == resource.StatusRunning && !interrupted {
		return
	}
	s := Step{Ref: r.Ref, Action: resource.ActionStart, Options: opts.Options}
	if state.Exists && !interrupted {
		s.Change = resource.Change{Ref: r.Ref, Reason: "it is " + state.Status}
	}
	p.add(s)
}

// interrupts reports whether applying a change of that class leaves the resource stopped.
func interrupts(c resource.Class) bool {
	switch c {
	case resource.ClassCreate, resource.ClassRestart, resource.ClassRebuild, resource.ClassRecreate:
		return true
	}
	return false
}

// planSurplus deletes what the plugins call surplus (a service scaled down), and orphans when asked to.
func (p *Plan) planSurplus(opts UpOptions) {
	if opts.Kinds != nil {
		return
	}
	undeclared := p.Observation.Undeclared()
	slices.SortFunc(undeclared, func(a, b resource.State) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
	for _, s := range undeclared {
		if s.External || s.Persistent || opts.Keep[s.Ref] {
			continue
		}
		c := p.Observation.Changes[s.Ref]
		switch {
		case c.Class == resource.ClassDelete:
		case opts.Surplus[s.Ref]:
			c = resource.Change{Ref: s.Ref, Class: resource.ClassDelete, Reason: "scaled down to 0"}
		case opts.RemoveOrphans && s.Status != resource.StatusAvailable:
			c = resource.Change{Ref: s.Ref, Class: resource.ClassDelete, Reason: "no service of that name"}
		default:
			if s.Status != resource.StatusAvailable {
				p.Orphans = append(p.Orphans, s)
			}
			continue
		}
		run := opts.stopping()
		run.Force = true
		p.add(Step{Ref: s.Ref, Action: resource.ActionDelete, Change: c, Options: run})
	}
}

// linkUp turns the resource's edges into needs. Ensuring needs what must exist; starting needs that as well, and
// the conditions of depends_on.
func (p *Plan) linkUp(r resource.Resolved, opts UpOptions) {
	p.need(resource.ActionStart, r.Ref, resource.ActionEnsure, r.Ref)
	for _, e := range r.DependsOn {
		switch e.Condition {
		case resource.ConditionEnsured, "":
			p.need(resource.ActionEnsure, r.Ref, resource.ActionEnsure, e.To)
			p.need(resource.ActionStart, r.Ref, resource.ActionEnsure, e.To)
		default:
			p.await(r.Ref, e, opts.Select, opts.Options)
		}
	}
}
