package main

import (
	"slices"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// leftovers sorts the instances that no declaration names although the compose files have their service: those to
// leave alone, because the service was not asked for, its profile is not active or they belong to `icc run`, and the
// surplus of the others.
func (s *session) leftovers(o *engine.Observation, selected engine.Selection) (keep, surplus engine.Set, err error) {
	keep, surplus = make(engine.Set), make(engine.Set)
	if s.project.compose == nil {
		return keep, surplus, nil
	}
	all, err := instancesOf(o)
	if err != nil {
		return nil, nil, err
	}
	wanted, err := s.selectedServices(selected)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range all {
		_, active := s.project.compose.Services[i.Service]
		_, inactive := s.project.compose.DisabledServices[i.Service]
		switch {
		case i.State.Declared:
		case i.OneOff:
			keep[i.Ref] = true
		case active && wanted(i.Service):
			surplus[i.Ref] = true
		case active || inactive:
			keep[i.Ref] = true
		}
	}
	return keep, surplus, nil
}

// selectedServices tells the services that the run is about: all, or those of the selection and of the command line,
// which may have been scaled to nothing.
func (s *session) selectedServices(selected engine.Selection) (func(service string) bool, error) {
	services := serviceArguments(s.cli)
	if len(services) == 0 {
		return func(string) bool { return true }, nil
	}
	for _, d := range s.project.translation.Declarations {
		if d.Kind != resource.KindInstance || !selected.Has(d.Ref) {
			continue
		}
		service, err := serviceOf(d)
		if err != nil {
			return nil, err
		}
		services = append(services, service)
	}
	return func(service string) bool { return slices.Contains(services, service) }, nil
}
