package provider

import (
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// inputs finds the outputs of one resource; nil when they are not known.
type inputs func(resource.Ref) json.RawMessage

// translate returns the server form of an instance, or the resources whose outputs it cannot do without.
func (p *Provider) translate(r resource.Resolved, c kinds.InstanceConfig, opts resource.Options, outputs inputs) (*spec.Instance, []resource.Ref, error) {
	in := spec.Input{
		Name: r.Name, IncusName: r.IncusName, Config: c, DependsOn: r.DependsOn, Host: p.host(), NoHealthd: opts.NoHealthd,
		Networks: map[string]kinds.NetworkOutputs{}, Volumes: map[string]kinds.VolumeOutputs{},
	}
	g := gatherer{outputs: outputs}
	g.get(resource.Ref{Kind: resource.KindImage, Name: c.Image}, &in.Image)
	for _, nic := range c.Networks {
		var net kinds.NetworkOutputs
		g.get(resource.Ref{Kind: resource.KindNetwork, Name: nic.Network}, &net)
		in.Networks[nic.Network] = net
	}
	for _, m := range c.Mounts {
		if m.Type != kinds.MountVolume {
			continue
		}
		var volume kinds.VolumeOutputs
		g.get(resource.Ref{Kind: resource.KindStorageVolume, Name: m.Source}, &volume)
		in.Volumes[m.Source] = volume
	}
	if g.err != nil || len(g.missing) > 0 {
		return nil, g.missing, g.err
	}
	want, err := spec.Translate(in)
	return want, nil, err
}

// gatherer decodes outputs and remembers what is missing.
type gatherer struct {
	outputs inputs
	missing []resource.Ref
	err     error
}

func (g *gatherer) get(ref resource.Ref, into any) {
	raw := g.outputs(ref)
	switch {
	case g.err != nil:
	case raw == nil:
		g.missing = append(g.missing, ref)
	default:
		if err := json.Unmarshal(raw, into); err != nil {
			g.err = fmt.Errorf("reading the outputs of %s: %w", ref, err)
		}
	}
}
