package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// rolled is how far an update has come.
type rolled struct {
	// begun are the replicas and stand-ins whose change has begun, in that order; changed those where it is done.
	begun, changed []resource.Ref
	// failed are the replicas that the update goes on without.
	failed map[resource.Ref]error
	// ended is the failure that has ended the update.
	ended error
}

// rolledOf returns how far an update has come. The caller holds the mutex.
func (r *run) rolledOf(u *Update) *rolled {
	if r.rolling == nil {
		r.rolling = make(map[*Update]*rolled)
	}
	if r.rolling[u] == nil {
		r.rolling[u] = &rolled{failed: make(map[resource.Ref]error)}
	}
	return r.rolling[u]
}

// abandoned notes that a step of an update begins, or says that the update goes on without the step's replica.
func (r *run) abandoned(s Step) bool {
	if s.Update == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	u := r.rolledOf(s.Update)
	if slices.Contains(changingActions(), s.Action) && !slices.Contains(u.begun, s.Ref) {
		u.begun = append(u.begun, s.Ref)
	}
	_, failed := u.failed[s.Ref]
	return failed && s.Action != resource.ActionReroute && s.Action != resource.ActionHold
}

// accomplished notes that a step of an update is done.
func (r *run) accomplished(s Step) {
	if s.Update == nil || s.Action != resource.ActionEnsure {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	u := r.rolledOf(s.Update)
	u.changed = append(u.changed, s.Ref)
}

// tolerates says whether the step's update goes on in spite of its failure.
func (r *run) tolerates(s Step, err error) bool {
	if s.Update == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	u, policy := r.rolledOf(s.Update), s.Update.policy
	if s.Action == resource.ActionReroute || slices.Contains(s.Update.Surge, s.Ref) {
		u.ended = err
		return false
	}
	u.failed[s.Ref] = err
	if policy.OnFailure != resource.FailureContinue && float64(len(u.failed)) > policy.MaxFailureRatio*float64(s.Update.size()) {
		u.ended = err
		return false
	}
	return true
}

func (u *Update) size() int {
	n := 0
	for _, b := range u.Batches {
		n += len(b)
	}
	return n
}

// settleUpdates ends the updates after the run: it takes the failed ones back where that was asked for, and returns the
// failures that the run went on after.
func (r *run) settleUpdates(ctx context.Context) error {
	var errs []error
	for _, u := range r.plan.Updates {
		r.mu.Lock()
		state := *r.rolledOf(u)
		r.mu.Unlock()
		for _, ref := range slices.SortedFunc(maps.Keys(state.failed), compareRefs) {
			if state.failed[ref] != state.ended {
				errs = append(errs, fmt.Errorf("updating %s went on without %s: %w", u.Service, r.plan.resolvedOf(ref).IncusName, state.failed[ref]))
			}
		}
		switch {
		case state.ended == nil || ctx.Err() != nil:
		case u.back:
			errs = append(errs, resource.ErrOperation.WithText(fmt.Sprintf("going back with %s stopped half-way", u.Service)).
				WithHint("mend what failed, then run `icc rollback` or `icc up` again"))
		case u.policy.OnFailure == resource.FailureRollback:
			errs = append(errs, r.takeBack(ctx, u, state))
		default:
			errs = append(errs, stopped(u, state))
		}
	}
	return errors.Join(errs...)
}

// stopped is the error about an update that stops where it is.
func stopped(u *Update, state rolled) error {
	changed := 0
	for _, ref := range state.changed {
		if !slices.Contains(u.Surge, ref) {
			changed++
		}
	}
	return resource.ErrOperation.WithText(fmt.Sprintf("the update of %s stopped there, with %d of %d replicas changed", u.Service, changed, u.size())).
		WithHint("mend what failed and run `icc up` again, or go back with `icc rollback " + u.Service + "`")
}

// takeBack brings the replicas of a failed update back to what they were, and says that.
func (r *run) takeBack(ctx context.Context, u *Update, state rolled) error {
	p := newPlan(r.plan.Model, r.observation())
	rollout := u.Rollout
	rollout.Surge = nil
	var changed, halfway []resource.Ref
	for _, ref := range slices.Backward(state.begun) {
		switch {
		case slices.Contains(u.Surge, ref):
			rollout.Surge = append(rollout.Surge, ref)
		case slices.Contains(state.changed, ref):
			changed = append(changed, ref)
		default:
			halfway = append(halfway, ref)
		}
	}
	if len(halfway)+len(changed) > 0 {
		sink := event.Sink{Handler: r.engine.emit, Action: resource.ActionRollback} // of no replica more than of the others
		sink.Notice(resource.LevelWarning, fmt.Sprintf("the update of %s has failed; going back to what it was", u.Service))
	}
	p.rollBack(rollout, changed, halfway, r.plan.Steps[0].Options)
	if _, err := r.engine.apply(ctx, p); err != nil {
		return fmt.Errorf("going back with %s: %w", u.Service, err)
	}
	var names []string
	for _, ref := range slices.Concat(halfway, changed) {
		names = append(names, p.resolvedOf(ref).IncusName)
	}
	slices.Sort(names)
	text := fmt.Sprintf("the update of %s has failed before any replica was changed", u.Service)
	switch len(names) {
	case 0:
	case 1:
		text = fmt.Sprintf("the update of %s has failed and was taken back: %s runs as before", u.Service, names[0])
	default:
		text = fmt.Sprintf("the update of %s has failed and was taken back: %s run as before", u.Service, strings.Join(names, ", "))
	}
	return resource.ErrOperation.WithText(text).WithHint("mend what failed and run `icc up` again")
}

// observation is what is known of the server after the run.
func (r *run) observation() *Observation {
	o := *r.plan.Observation
	o.States = maps.Clone(o.States)
	r.mu.Lock()
	defer r.mu.Unlock()
	for ref, outputs := range r.outputs {
		s := o.States[ref]
		s.Ref, s.Exists, s.Outputs = ref, true, outputs
		o.States[ref] = s
	}
	return &o
}

// performOwn does the steps that are the engine's own; done is false for those of plugins.
func (r *run) performOwn(ctx context.Context, s Step) (result *sdk.RunResult, done bool, err error) {
	switch s.Action {
	case resource.ActionHold:
		select {
		case <-ctx.Done():
			return nil, true, context.Cause(ctx)
		case <-time.After(s.Options.Timeout):
			return &sdk.RunResult{}, true, nil
		}
	case resource.ActionReroute:
		err := r.reroute(ctx, s)
		return &sdk.RunResult{Changed: true}, true, err
	}
	return nil, false, nil
}

func compareRefs(a, b resource.Ref) int { return strings.Compare(a.String(), b.String()) }
