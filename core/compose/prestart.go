package compose

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// preStart declares the steps of a service's pre_start as instances of their own, each of which waits for the one before
// it to complete, and returns the edge of the replicas to the last one.
func (t *translator) preStart(s serviceConfig) []resource.Edge {
	var last []resource.Edge
	base := stepName(s.Name)
	if _, taken := t.p.AllServices()[base]; taken && len(s.PreStart) > 0 {
		t.fail(servicePath(s.Name)+".pre_start", fmt.Sprintf("its steps run in instances that are called like those of service %q", base), "give that service another name")
		return nil
	}
	for i, hook := range s.PreStart {
		path := t.item(servicePath(s.Name)+".pre_start", i, len(s.PreStart))
		if hook.PerReplica {
			t.fail(path+".per_replica", "not possible yet: steps run once for a service, not once for each replica", "remove it, or make the step a part of the entrypoint")
		}
		step := withSpec(s, hook.ContainerSpec)
		for _, v := range hook.Volumes {
			if _, known := t.p.Volumes[v.Source]; v.Type == types.VolumeTypeVolume && v.Source != "" && !known {
				t.fail(path+".volumes", fmt.Sprintf("volume %q is not defined", v.Source), "define it under volumes")
			}
		}
		if !t.tellsExit(step) {
			t.fail(path, "without icc-init as the first process nobody sees how this step ends", "remove init: off or init: false, or use an OCI image")
		}
		e := t.step(s.Name, i)
		e.path = path
		ref := t.declareExtra(step, e, t.extraInstance(step, e), last...)
		last = []resource.Edge{{To: ref, Condition: resource.ConditionPrepared}}
	}
	return last
}

// stepName is what the steps of a service are called, with a number behind it.
func stepName(service string) string { return service + "-pre-start" }

// step is the instance of step i of a service.
func (t *translator) step(service string, i int) extra {
	return extra{name: instanceName(stepName(service), i+1), incusName: t.scope.Instance(stepName(service), i+1), number: 1}
}

// stepNetworks returns the networks of the steps of a service.
func (t *translator) stepNetworks(s serviceConfig) []string {
	var keys []string
	for _, hook := range s.PreStart {
		keys = append(keys, t.networkKeys(withSpec(s, hook.ContainerSpec))...)
	}
	return keys
}

// attachSteps adds the steps of a service to the attachments of the used networks.
func (t *translator) attachSteps(s serviceConfig, used map[string]bool, out map[string][]kinds.Attachment) {
	for i, hook := range s.PreStart {
		for _, key := range t.networkKeys(withSpec(s, hook.ContainerSpec)) {
			if used[key] {
				out[key] = append(out[key], t.step(s.Name, i).attachment(s.Name))
			}
		}
	}
}

// withSpec returns the service as one of its steps is to run: compose-go has completed the step's container with the
// service's, but for volumes.
func withSpec(s serviceConfig, spec types.ContainerSpec) serviceConfig {
	volumes := slices.DeleteFunc(slices.Clone(s.Volumes), func(v types.ServiceVolumeConfig) bool {
		return slices.ContainsFunc(spec.Volumes, func(own types.ServiceVolumeConfig) bool { return own.Target == v.Target })
	})
	if spec.Image != s.Image {
		s.Build = nil
	}
	s.ContainerSpec = spec
	s.Volumes = append(volumes, spec.Volumes...)
	s.Ports, s.HealthCheck, s.Tty, s.StdinOpen, s.PreStart = nil, nil, false, false, nil
	return s
}

// coverSteps reports what the steps of a service's pre_start set besides the service's own attributes.
func (w *coverWalk) coverSteps(service any, path string) {
	s, _ := service.(map[string]any)
	steps, _ := s["pre_start"].([]any)
	for i, raw := range steps {
		step, _ := raw.(map[string]any)
		own := map[string]any{}
		for name, value := range step {
			if !reflect.DeepEqual(value, s[name]) {
				own[name] = value
			}
		}
		w.visit(own, "services.*", w.t.item(path+".pre_start", i, len(steps)))
	}
}
