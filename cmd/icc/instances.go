package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// instance is an observed instance with its decoded outputs.
type instance struct {
	resource.State        `json:"-"`
	kinds.InstanceOutputs `json:"-"`
}

// instancesOf returns the existing instances of an observation, ordered by service and number.
func instancesOf(o *engine.Observation) ([]instance, error) {
	var out []instance
	for _, s := range o.States {
		if s.Kind != resource.KindInstance || !s.Exists {
			continue
		}
		i := instance{State: s}
		if err := json.Unmarshal(s.Outputs, &i.InstanceOutputs); err != nil {
			return nil, fmt.Errorf("reading what the instance plugin says of %s: %w", s.IncusName, err)
		}
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b instance) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), cmp.Compare(a.Number, b.Number), strings.Compare(a.name(), b.name()))
	})
	return out, nil
}

// name is the instance's name on the server.
func (i instance) name() string { return i.State.IncusName }

// neverStarted reports whether the instance was created and nothing else.
func (i instance) neverStarted() bool {
	return i.State.Status == resource.StatusStopped && i.StartedAt.IsZero()
}

// ofServices returns the instances of the named services, all when no name is given. A service without instances is an
// error that lists the ones there are.
func ofServices(all []instance, services []string) ([]instance, error) {
	if len(services) == 0 {
		return all, nil
	}
	var known []string
	for _, i := range all {
		known = append(known, i.Service)
	}
	for _, s := range services {
		if !slices.Contains(known, s) {
			return nil, noSuchService(s, slices.Compact(known))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(i instance) bool { return !slices.Contains(services, i.Service) }), nil
}

func noSuchService(name string, known []string) error {
	hint := "nothing of this project exists on the server; `icc up` creates it"
	if len(known) > 0 {
		hint = "services with instances: " + strings.Join(known, ", ")
	}
	return resource.ErrNotFound.WithText(fmt.Sprintf("service %q has no instances", name)).WithHint(hint)
}

// selection returns the refs of instances.
func selection(list []instance) engine.Selection {
	s := make(engine.Selection, len(list))
	for _, i := range list {
		s[i.Ref] = true
	}
	return s
}
