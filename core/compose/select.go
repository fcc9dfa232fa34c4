package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/core/suggest"
)

// selection is the wanted part of a project.
type selection struct {
	project *Project
	// services are in the order of their dependencies.
	services []string
	// depth is the longest way from each service to one that depends on nothing.
	depth map[string]int
}

func selectServices(p *Project, o TranslateOptions) (*selection, error) {
	p, err := withNamed(p, o.Services)
	if err != nil {
		return nil, err
	}
	for name, n := range o.Scale {
		if _, ok := p.Services[name]; !ok {
			return nil, unknownService(p, name)
		}
		if n < 0 {
			return nil, configError(fmt.Sprintf("service %q cannot have %d replicas", name, n), "give a number from 0 up")
		}
	}
	w := walk{p: p, depth: map[string]int{}, visiting: map[string]bool{}}
	for _, name := range p.serviceNames() {
		w.visit(name)
	}
	s := &selection{project: p, depth: w.depth}
	wanted := map[string]bool{}
	names := o.Services
	if len(names) == 0 {
		names = p.serviceNames()
	}
	for _, name := range names {
		mark(p, name, !o.NoDeps, wanted)
	}
	for _, name := range w.order {
		if wanted[name] {
			s.services = append(s.services, name)
		}
	}
	return s, nil
}

// withNamed returns p with the named services enabled, also those of inactive profiles, as docker compose does.
func withNamed(p *Project, names []string) (*Project, error) {
	var disabled []string
	for _, name := range names {
		if _, ok := p.Services[name]; ok {
			continue
		}
		if _, ok := p.DisabledServices[name]; !ok {
			return nil, unknownService(p, name)
		}
		disabled = append(disabled, name)
	}
	if len(disabled) == 0 {
		return p, nil
	}
	enabled, err := p.WithServicesEnabled(disabled...)
	if err == nil {
		enabled, err = enabled.WithServicesEnvironmentResolved(false)
	}
	if err == nil {
		enabled, err = enabled.WithServicesLabelsResolved(false)
	}
	if err != nil {
		return nil, (&session{}).explain(err, p.index)
	}
	n := *p
	n.Project = enabled
	return &n, check(&n)
}

// mark adds a service and, if wanted, what it depends on.
func mark(p *Project, name string, deps bool, wanted map[string]bool) {
	s, ok := p.Services[name]
	if !ok || wanted[name] {
		return
	}
	wanted[name] = true
	if !deps {
		return
	}
	for dep := range s.DependsOn {
		mark(p, dep, deps, wanted)
	}
}

// walk visits services in the order of their dependencies.
type walk struct {
	p        *Project
	order    []string
	depth    map[string]int
	visiting map[string]bool
}

func (w *walk) visit(name string) int {
	if d, done := w.depth[name]; done {
		return d
	}
	s, ok := w.p.Services[name]
	if !ok || w.visiting[name] {
		return -1
	}
	w.visiting[name] = true
	depth := 0
	for _, dep := range sortedKeys(s.DependsOn) {
		depth = max(depth, w.visit(dep)+1)
	}
	delete(w.visiting, name)
	w.depth[name] = depth
	w.order = append(w.order, name)
	return depth
}

// unknownService is the error for a service argument that names nothing.
func unknownService(p *Project, name string) error {
	all := append(p.serviceNames(), p.DisabledServiceNames()...)
	hint := "the project has no services"
	if len(all) > 0 {
		hint = "the services are: " + strings.Join(shorten(all, 20), ", ")
	}
	if n := suggest.Nearest(name, all); n != "" {
		hint = fmt.Sprintf("did you mean %q? %s", n, hint)
	}
	return configError(fmt.Sprintf("no service %q in project %q", name, p.Name), hint)
}

// shorten cuts a list for a message.
func shorten(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(slices.Clone(list[:n]), "…")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
