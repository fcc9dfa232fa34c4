package engine

import (
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Rollout says how the replicas of a service are changed one after the other.
type Rollout struct {
	Service string
	// Replicas are in the order in which they are changed. Surge are resources of the model that stand in for them.
	Replicas, Surge []resource.Ref
	// Back are the replicas that Rollback brings back.
	Back             []resource.Ref
	Update, Rollback resource.UpdatePolicy
}

// Update is a rollout in a plan.
type Update struct {
	Rollout
	// Batches are the replicas that change, those of a batch side by side.
	Batches [][]resource.Ref
	policy  resource.UpdatePolicy
	// back says that it is a way back, which nothing follows when it fails.
	back bool
}

// Surge returns how many stand-ins the plan wants of each service that starts first and stops then.
func (p *Plan) Surge(rollouts []Rollout) map[string]int {
	wanted := make(map[string]int)
	for _, r := range rollouts {
		if n := len(p.changing(r.Replicas)); n > 0 && r.Update.Order == resource.StartFirst {
			wanted[r.Service] = batchSize(r.Update, n)
		}
	}
	return wanted
}

func batchSize(policy resource.UpdatePolicy, n int) int {
	if policy.Parallelism <= 0 {
		return n
	}
	return min(policy.Parallelism, n)
}

// changing returns the replicas that exist and that the plan interrupts one after the other. There are none where
// something that they share makes them halt at the same time.
func (p *Plan) changing(replicas []resource.Ref) []resource.Ref {
	if slices.ContainsFunc(replicas, func(ref resource.Ref) bool { return p.halted[ref] || p.stopsBefore(ref) }) {
		return nil
	}
	var out []resource.Ref
	for _, ref := range replicas {
		i, planned := p.index[stepID(resource.ActionEnsure, ref)]
		if !planned || !p.has(resource.ActionStart, ref) {
			continue
		}
		if c := p.Steps[i].Change.Class; interrupts(c) && c != resource.ClassCreate {
			out = append(out, ref)
		}
	}
	return out
}

// planRolling makes the changes that interrupt replicas of a service with a rollout come one after the other.
func (p *Plan) planRolling(opts UpOptions) {
	for _, r := range opts.Rolling {
		changing := p.changing(r.Replicas)
		if len(changing) == 0 {
			p.unplan(r.Surge)
			continue
		}
		u := &Update{Rollout: r, policy: r.Update}
		u.Batches = slices.Collect(slices.Chunk(changing, batchSize(r.Update, len(changing))))
		p.roll(u, opts.Options)
	}
}

// unplan takes all steps of the resources out of the plan.
func (p *Plan) unplan(refs []resource.Ref) {
	gone := func(s Step) bool { return slices.Contains(refs, s.Ref) }
	if !slices.ContainsFunc(p.Steps, gone) {
		return
	}
	steps := p.Steps
	p.Steps, p.index = nil, make(map[string]int)
	for _, s := range steps {
		if !gone(s) {
			p.add(s)
		}
	}
	for i := range p.Steps {
		p.Steps[i].Needs = slices.DeleteFunc(p.Steps[i].Needs, func(id string) bool { _, stays := p.index[id]; return !stays })
	}
}

// roll puts the steps of an update in order: each batch is led around, changed and watched before the next one.
func (p *Plan) roll(u *Update, opts resource.Options) {
	p.Updates = append(p.Updates, u)
	var done []string // what the next batch waits for
	var in []resource.Ref
	if !u.back {
		in = u.Surge
		for _, ref := range u.Surge {
			done = append(done, p.watch(u, ref, opts))
			if i, planned := p.index[stepID(resource.ActionEnsure, ref)]; planned {
				p.Steps[i].Change.Reason = u.standsIn()
			}
		}
	}
	for n, batch := range u.Batches {
		gate := append(done, p.outerNeeds(batch)...)
		if out := u.leadAway(p, batch); len(in)+len(out) > 0 {
			gate = []string{p.reroute(u, Step{Ref: batch[0], Reroute: &resource.Reroute{In: in, Out: out}}, gate)}
			in = out
		}
		if u.back {
			in = batch // an update that has failed may have left them out
		}
		done = nil
		for _, ref := range batch {
			for _, a := range append(changingActions(), resource.ActionStart) {
				p.needIDs(stepID(a, ref), gate)
			}
			done = append(done, p.watch(u, ref, opts))
		}
		if u.policy.Delay > 0 && n+1 < len(u.Batches) {
			if len(in) > 0 {
				done = []string{p.reroute(u, Step{Ref: batch[0], Label: "back", Reroute: &resource.Reroute{In: in}}, done)}
				in = nil
			}
			done = []string{p.hold(u, batch[0], opts, done)}
		}
	}
	p.finish(u, in, done, opts)
}

// finish leads requests to the last batch and takes the stand-ins away.
func (p *Plan) finish(u *Update, in []resource.Ref, done []string, opts resource.Options) {
	last := u.Batches[len(u.Batches)-1]
	if len(in)+len(u.Surge) > 0 {
		done = []string{p.reroute(u, Step{Ref: last[0], Label: "back", Reroute: &resource.Reroute{In: in, Out: u.Surge}}, done)}
	}
	for _, ref := range u.Surge {
		p.planRemoval(ref, u.standsIn(), opts)
		p.needIDs(stepID(resource.ActionDelete, ref), done)
		for _, own := range p.onlyOf(ref) {
			if p.Observation.States[own].Exists {
				continue // it was there before: the data is that of an earlier replica
			}
			p.planRemoval(own, "belonged to "+ref.Name, opts)
			p.need(resource.ActionDelete, own, resource.ActionDelete, ref)
		}
	}
}

func (r Rollout) standsIn() string {
	return "for the time that the replicas of " + r.Service + " change"
}

// leadAway returns the replicas of a batch that requests are led away from: none where nobody else would be left.
func (u *Update) leadAway(p *Plan, batch []resource.Ref) []resource.Ref {
	if len(u.Surge) > 0 {
		return batch
	}
	for _, ref := range u.Replicas {
		if !slices.Contains(batch, ref) && p.Observation.States[ref].Status == resource.StatusRunning {
			return batch
		}
	}
	return nil
}

// changingActions are those with which the change of a replica may begin.
func changingActions() []resource.Action {
	return []resource.Action{resource.ActionStop, resource.ActionDelete, resource.ActionEnsure, resource.ActionRollback}
}

// watch adds the steps that tell whether a started resource works, and returns the last one's ID.
func (p *Plan) watch(u *Update, ref resource.Ref, opts resource.Options) string {
	r := p.resolvedOf(ref)
	last := stepID(resource.ActionStart, ref)
	if p.can(r, resource.ActionMonitor) {
		opts.Timeout = u.policy.Monitor
		s := Step{Ref: ref, Action: resource.ActionMonitor, Options: opts}
		p.add(s)
		p.needIDs(s.ID(), []string{last})
		last = s.ID()
		p.needIDs(stepID(resource.ActionWait, ref), []string{last}) // nobody waits for one that has failed
	} else if p.can(r, resource.ActionWait) {
		step, _ := p.planWait(resource.ActionWait, ref, opts)
		step.Lenient = false
		last = step.ID()
	}
	for i := range p.Steps {
		if p.Steps[i].Ref == ref {
			p.Steps[i].Update = u
		}
	}
	return last
}

// can says whether the resource supports the action. What is known by its labels alone does what its kind does.
func (p *Plan) can(r resource.Resolved, a resource.Action) bool {
	_, declared := p.Model.Get(r.Ref)
	return !declared || resource.SupportsAction(r, a)
}

func (p *Plan) reroute(u *Update, s Step, needs []string) string {
	s.Action, s.Update = resource.ActionReroute, u
	p.add(s)
	p.needIDs(s.ID(), needs)
	return s.ID()
}

func (p *Plan) hold(u *Update, ref resource.Ref, opts resource.Options, needs []string) string {
	opts.Timeout = u.policy.Delay
	s := Step{Ref: ref, Action: resource.ActionHold, Options: opts, Update: u}
	p.add(s)
	p.needIDs(s.ID(), needs)
	return s.ID()
}

// needIDs makes a step wait for others, as far as all are in the plan.
func (p *Plan) needIDs(id string, needs []string) {
	i, ok := p.index[id]
	if !ok {
		return
	}
	for _, need := range needs {
		if _, known := p.index[need]; known && need != id && !slices.Contains(p.Steps[i].Needs, need) {
			p.Steps[i].Needs = append(p.Steps[i].Needs, need)
		}
	}
}

// outerNeeds returns what the steps of the replicas wait for besides each other, so that no replica is taken away before
// everything is there that its change needs.
func (p *Plan) outerNeeds(batch []resource.Ref) []string {
	var own, out []string
	for _, s := range p.Steps {
		if slices.Contains(batch, s.Ref) {
			own = append(own, s.ID())
		}
	}
	for _, id := range own {
		for _, need := range p.Steps[p.index[id]].Needs {
			circular := slices.ContainsFunc(own, func(mine string) bool { return p.needs(need, mine) })
			if !circular && !slices.Contains(out, need) {
				out = append(out, need)
			}
		}
	}
	return out
}

// onlyOf returns what nothing else in the model needs.
func (p *Plan) onlyOf(user resource.Ref) []resource.Ref {
	var out []resource.Ref
	for _, e := range p.edges(user) {
		shared := slices.ContainsFunc(p.Model.Resolved, func(r resource.Resolved) bool {
			return r.Ref != user && slices.ContainsFunc(r.DependsOn, func(o resource.Edge) bool { return o.To == e.To })
		})
		if !shared && e.To.Kind != user.Kind {
			out = append(out, e.To)
		}
	}
	return out
}
