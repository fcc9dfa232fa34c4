package compose

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// instanceEdges returns what an instance needs: image, networks, volumes, profiles, and what its service depends on.
func (t *translator) instanceEdges(s serviceConfig, c kinds.InstanceConfig, ext extension) []resource.Edge {
	edges := []resource.Edge{ensured(resource.KindImage, c.Image)}
	for _, nic := range c.Networks {
		edges = append(edges, ensured(resource.KindNetwork, nic.Network))
	}
	var volumes []string
	for _, m := range c.Mounts {
		if m.Type == kinds.MountVolume && !slices.Contains(volumes, m.Source) {
			volumes = append(volumes, m.Source)
		}
	}
	slices.Sort(volumes)
	for _, v := range volumes {
		edges = append(edges, ensured(resource.KindStorageVolume, v))
	}
	for _, name := range c.Profiles {
		if t.declared(resource.Ref{Kind: resource.KindProfile, Name: name}) {
			edges = append(edges, ensured(resource.KindProfile, name))
		}
	}
	edges = append(edges, t.resourceEdges(ext.list("depends_on"), ext.at("depends_on"))...)
	return append(edges, t.dependsOn(s)...)
}

// dependsOn returns the edges of depends_on to each replica of the services that are part of the run. compose-go has
// added those that links, volumes_from and the like imply.
func (t *translator) dependsOn(s serviceConfig) []resource.Edge {
	var edges []resource.Edge
	for _, name := range sortedKeys(s.DependsOn) {
		dep := s.DependsOn[name]
		condition := t.condition(s, name, dep.Condition)
		target, ok := t.p.Services[name]
		if !ok || !t.wanted[name] {
			continue // optional, or left out by --no-deps
		}
		edges = append(edges, t.replicaEdges(target, resource.Edge{
			Condition: condition, Optional: !dep.Required, Restart: dep.Restart,
		})...)
	}
	return edges
}

// condition translates a condition of depends_on and refuses what cannot be kept.
func (t *translator) condition(s serviceConfig, dep, condition string) resource.Condition {
	path := fmt.Sprintf("%s.depends_on.%s.condition", servicePath(s.Name), dep)
	switch condition {
	case "", types.ServiceConditionStarted:
		return resource.ConditionStarted
	case types.ServiceConditionHealthy:
		target := t.p.Services[dep]
		if h := target.HealthCheck; h != nil && (h.Disable || len(h.Test) > 0 && h.Test[0] == "NONE") {
			t.fail(path, fmt.Sprintf("service %q waits for %q to be healthy, whose health check is switched off", s.Name, dep),
				fmt.Sprintf("give %q a healthcheck, or wait with service_started", dep))
		}
		return resource.ConditionHealthy
	case types.ServiceConditionCompletedSuccessfully:
		if target, ok := t.p.Services[dep]; ok && !t.tellsExit(target) {
			t.fail(path, fmt.Sprintf("service %q waits for %q to end successfully, but without icc-init as its first process nobody sees its exit code", s.Name, dep),
				fmt.Sprintf("let %q run with icc-init (no init: off, no init: false, an OCI image), or wait with service_started", dep))
		}
		return resource.ConditionCompleted
	default:
		conditions := []string{
			types.ServiceConditionStarted, types.ServiceConditionHealthy, types.ServiceConditionCompletedSuccessfully,
		}
		t.unknownKey(path, condition, conditions)
		return resource.ConditionStarted
	}
}

// dependencies returns the services that a service depends on, sorted.
func (t *translator) dependencies(s serviceConfig) []string {
	var names []string
	for _, name := range sortedKeys(s.DependsOn) {
		if _, ok := t.p.Services[name]; ok {
			names = append(names, name)
		}
	}
	return names
}

func (t *translator) declared(ref resource.Ref) bool {
	return slices.ContainsFunc(t.decls[ref.Kind], func(d resource.Declaration) bool { return d.Ref == ref })
}
