package main

import (
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// renumber translates the project again when the replicas on the server are not numbered as the translation took them to
// be, and reports whether it did: one in between was removed by hand, or the first one is gone.
func (s *session) renumber(o *engine.Observation) (bool, error) {
	if s.project.translation == nil {
		return false, nil
	}
	existing, err := replicaNumbers(o)
	if err != nil || s.project.translation.Fits(existing) {
		return false, err
	}
	return true, s.project.translate(existing)
}

// replicaNumbers are those of the replicas on the server, by service.
func replicaNumbers(o *engine.Observation) (map[string][]int, error) {
	all, err := instancesOf(o)
	existing := make(map[string][]int)
	for _, i := range all {
		if !i.OneOff && i.Number > 0 {
			existing[i.Service] = append(existing[i.Service], i.Number)
		}
	}
	return existing, err
}

// observedKinds are the kinds that the command looks at; nil means those of the model. Anonymous volumes may be there
// without any in the compose file.
func (s *session) observedKinds(m *engine.Model) []resource.Kind {
	if !s.cli.Bool("renew-anon-volumes") {
		return nil
	}
	kinds := []resource.Kind{resource.KindStorageVolume}
	seen := map[resource.Kind]bool{resource.KindStorageVolume: true}
	for _, r := range m.Resolved {
		if !seen[r.Kind] {
			kinds, seen[r.Kind] = append(kinds, r.Kind), true
		}
	}
	return kinds
}
