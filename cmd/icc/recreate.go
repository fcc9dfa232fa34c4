package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// recreateFlags say what becomes of instances that exist.
func recreateFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "force-recreate", Usage: "make instances anew even if nothing has changed"},
		&cli.BoolFlag{Name: "no-recreate", Usage: "leave instances that exist as they are where a change would interrupt them"},
	}
}

// dependencyFlags are those of commands that name services and bring what these depend on along.
func dependencyFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "no-deps", Usage: "leave the services that the named ones depend on alone"},
		&cli.BoolFlag{Name: "always-recreate-deps", Usage: "make the instances of services that the named ones depend on anew, too"},
		&cli.BoolFlag{Name: "renew-anon-volumes", Aliases: []string{"V"}, Usage: "give instances that a change interrupts new anonymous volumes; the data in the old ones is lost"},
	}
}

// checkRecreation refuses flags that contradict each other.
func checkRecreation(c *cli.Context) error {
	for _, pair := range [][2]string{
		{"force-recreate", "no-recreate"}, {"always-recreate-deps", "no-recreate"}, {"renew-anon-volumes", "no-recreate"},
		{"build", "no-build"},
	} {
		if c.Bool(pair[0]) && c.Bool(pair[1]) {
			return &usageError{command: c.Command.Name, text: fmt.Sprintf("--%s and --%s exclude each other", pair[0], pair[1])}
		}
	}
	return nil
}

// recreation puts what the flags say into the options.
func (s *session) recreation(up *engine.UpOptions, o *engine.Observation) {
	c := s.cli
	switch {
	case c.Bool("no-recreate"):
		up.Recreate, up.RecreateDependencies = engine.RecreateNever, engine.RecreateNever
	case c.Bool("force-recreate"):
		up.Recreate = engine.RecreateAlways
	}
	if c.Bool("always-recreate-deps") {
		up.RecreateDependencies = engine.RecreateAlways
	}
	if c.Bool("renew-anon-volumes") {
		up.Renew = anonymousVolumes(o)
	}
	up.Fresh = s.ages.fresh(o)
}

// ages are when instances were made that existed when the first plan was made.
type ages map[resource.Ref]time.Time

// fresh returns the instances that were made anew since the first call: planning again, because the server has changed
// meanwhile, must not make them anew again.
func (a *ages) fresh(o *engine.Observation) engine.Set {
	first := *a == nil
	if first {
		*a = make(ages)
	}
	fresh := make(engine.Set)
	for ref, state := range o.States {
		var out kinds.InstanceOutputs
		if ref.Kind != resource.KindInstance || !state.Exists || json.Unmarshal(state.Outputs, &out) != nil {
			continue
		}
		if first {
			(*a)[ref] = out.CreatedAt
		}
		fresh[ref] = !out.CreatedAt.Equal((*a)[ref])
	}
	return fresh
}

// anonymousVolumes returns the volumes that belong to one instance alone, by instance: their names begin with its own.
func anonymousVolumes(o *engine.Observation) map[resource.Ref][]resource.Ref {
	out := make(map[resource.Ref][]resource.Ref)
	for ref, state := range o.States {
		owner, _, anonymous := strings.Cut(ref.Name, ":")
		if user := (resource.Ref{Kind: resource.KindInstance, Name: owner}); anonymous && ref.Kind == resource.KindStorageVolume && state.Exists {
			out[user] = append(out[user], ref)
		}
	}
	for _, volumes := range out {
		slices.SortFunc(volumes, func(a, b resource.Ref) int { return strings.Compare(a.Name, b.Name) })
	}
	return out
}

// tellOutdated names what --no-recreate leaves undone.
func (s *session) tellOutdated(p *engine.Plan) {
	for _, c := range p.Outdated {
		s.note([]resource.Diagnostic{{
			Severity: resource.SeverityWarning,
			Text:     fmt.Sprintf("%s stays as it is although %s", p.Observation.States[c.Ref].IncusName, c.Reason),
			Hint:     "leave out --no-recreate to have it changed",
		}})
	}
}
