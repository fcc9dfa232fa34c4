package compose

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/icc-project/icc/core/suggest"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// builtin are the kinds that compose files declare in their own words.
func builtin(kind resource.Kind) bool {
	return slices.Contains([]resource.Kind{
		resource.KindProject, resource.KindProfile, resource.KindImage, resource.KindNetwork,
		resource.KindStorageVolume, resource.KindInstance,
	}, kind)
}

// declareProfiles declares the profiles of x-icc.profiles.
func (t *translator) declareProfiles() {
	path := extICC + ".profiles"
	profiles, _ := t.mapping(t.top.icc["profiles"], path)
	for _, name := range sortedKeys(profiles) {
		var config kinds.ProfileConfig
		if err := remarshal(profiles[name], &config); err != nil {
			t.fail(path+"."+name, fmt.Sprintf("profile %q cannot be read: %v", name, err),
				"the attributes of a profile are: source_project, source_profile, network_only, config, devices")
			continue
		}
		t.declare(resource.Ref{Kind: resource.KindProfile, Name: name}, config, path+"."+name)
	}
}

// declareOthers declares the resources of x-icc.resources, whose kinds plugins bring.
func (t *translator) declareOthers() {
	path := extICC + ".resources"
	resources, _ := t.mapping(t.top.icc["resources"], path)
	for _, name := range sortedKeys(resources) {
		at := path + "." + name
		var r struct {
			Kind      resource.Kind  `json:"kind"`
			Config    map[string]any `json:"config"`
			DependsOn []string       `json:"depends_on"`
		}
		if err := remarshal(resources[name], &r); err != nil {
			t.fail(at, fmt.Sprintf("resource %q cannot be read: %v", name, err),
				"write kind, config and depends_on (a list of services or kind/name)")
			continue
		}
		switch {
		case r.Kind == "":
			t.fail(at, fmt.Sprintf("resource %q has no kind", name), "name a kind that a plugin brings; see icc plugin list")
			continue
		case builtin(r.Kind):
			t.fail(at+".kind", fmt.Sprintf("kind %q is declared in Compose's own words", r.Kind),
				"use services, networks or volumes, or x-icc.profiles")
			continue
		}
		config, _ := json.Marshal(r.Config)
		if r.Config == nil {
			config = []byte("{}")
		}
		edges := []resource.Edge{ensured(resource.KindProject, t.p.Name)}
		edges = append(edges, t.resourceEdges(r.DependsOn, at+".depends_on")...)
		t.others = append(t.others, resource.Declaration{
			Ref: resource.Ref{Kind: r.Kind, Name: name}, Config: config, DependsOn: edges, Position: t.p.Locate(at),
		})
	}
}

// resourceEdges turns a list of services and kind/name into edges: to started instances, to ensured others.
func (t *translator) resourceEdges(names []string, path string) []resource.Edge {
	var edges []resource.Edge
	for _, name := range names {
		if s, ok := t.p.Services[name]; ok {
			if t.wanted[name] {
				edges = append(edges, t.replicaEdges(s, resource.Edge{Condition: resource.ConditionStarted})...)
			}
			continue
		}
		ref, err := resource.ParseRef(name)
		if err != nil {
			hint := "name a service, or a resource as kind/name"
			if n := suggest.Nearest(name, t.p.serviceNames()); n != "" {
				hint = fmt.Sprintf("did you mean %q?", n)
			}
			t.fail(path, fmt.Sprintf("depends on %q, which is neither a service nor of the form kind/name", name), hint)
			continue
		}
		edges = append(edges, ensured(ref.Kind, ref.Name))
	}
	return edges
}

// replicaEdges returns the edge for each replica of a service.
func (t *translator) replicaEdges(s serviceConfig, like resource.Edge) []resource.Edge {
	var edges []resource.Edge
	for _, n := range t.numbers(s) {
		like.To = resource.Ref{Kind: resource.KindInstance, Name: instanceName(s.Name, n)}
		edges = append(edges, like)
	}
	return edges
}

// remarshal reads a YAML value into a structure by its JSON names and refuses unknown ones.
func remarshal(from, to any) error {
	raw, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return strictJSON(raw, to)
}
