package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/core/suggest"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// instance is an observed instance with its decoded outputs.
type instance struct {
	resource.State        `json:"-"`
	kinds.InstanceOutputs `json:"-"`
}

// instancesOf returns the existing instances of an observation, ordered by service and number. Those of `icc run` come
// after their service's others.
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
		return cmp.Or(strings.Compare(a.Service, b.Service), compareBool(a.OneOff, b.OneOff),
			cmp.Compare(a.Number, b.Number), strings.Compare(a.name(), b.name()))
	})
	return out, nil
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// name is the instance's name on the server.
func (i instance) name() string { return i.State.IncusName }

// runs reports whether the instance's process runs, or will be started again.
func (i instance) runs() bool { return i.State.Status == resource.StatusRunning && !i.ended() }

// ofServices returns the instances of the named services, all when no name is given. Those of `icc run` are only meant
// by their own names. A name without instances is an error that lists the ones there are.
func ofServices(all []instance, names []string) ([]instance, error) {
	var known []string
	for _, i := range all {
		if !i.OneOff {
			known = append(known, i.Service)
		}
	}
	known = slices.Compact(known)
	for _, name := range names {
		oneOff := func(i instance) bool { return i.OneOff && i.name() == name }
		if !slices.Contains(known, name) && !slices.ContainsFunc(all, oneOff) {
			return nil, noSuchService(name, known)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(i instance) bool {
		if i.OneOff {
			return !slices.Contains(names, i.name())
		}
		return len(names) > 0 && !slices.Contains(names, i.Service)
	}), nil
}

func noSuchService(name string, known []string) error {
	hint := "nothing of this project exists on the server; `icc up` creates it"
	if len(known) > 0 {
		hint = "services with instances: " + strings.Join(known, ", ")
		if best := suggest.Nearest(name, known); best != "" {
			hint = fmt.Sprintf("did you mean %q? ", best) + hint
		}
	}
	return resource.ErrNotFound.WithText(fmt.Sprintf("service %q has no instances", name)).WithHint(hint)
}

func noSuchIndex(service string, index int) error {
	return resource.ErrNotFound.WithText(fmt.Sprintf("service %q has no instance %d", service, index)).
		WithHint("`icc ps -a` lists the instances")
}

// selection returns the refs of instances.
func selection(list []instance) engine.Selection {
	s := make(engine.Selection, len(list))
	for _, i := range list {
		s[i.Ref] = true
	}
	return s
}
