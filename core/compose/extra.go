package compose

import (
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// extra is an instance of a service beside its replicas: that of `run`, or a step of pre_start.
type extra struct {
	// name is the declared name, incusName the server's.
	name, incusName string
	number          int
	// path is where the compose files ask for it.
	path string
	// aliases says that it has the service's names on the networks.
	aliases bool
}

// extraInstance translates an instance beside the replicas: it publishes what s does, but has no fixed addresses, no
// restarts and no hooks.
func (t *translator) extraInstance(s serviceConfig, e extra) kinds.InstanceConfig {
	one := 1
	s.Scale, s.Deploy, s.Restart = &one, withoutReplicas(s.Deploy), "no"
	s.ContainerName, s.MacAddress, s.PostStart, s.PreStop = "", "", nil, nil
	ext := t.extension(s.Extensions, servicePath(s.Name), serviceKeys)
	c := t.instanceBase(s, ext)
	c.Image = t.images.use(t, s, c.Type)
	c.OneOff, c.Number, c.ContainerName = true, e.number, e.incusName
	for i := range c.Networks {
		c.Networks[i].IPv4, c.Networks[i].IPv6, c.Networks[i].MACAddress = "", "", ""
		if !e.aliases {
			c.Networks[i].Aliases = nil
		}
	}
	c.Mounts = t.mounts(s, e.number)
	c.Ports = t.ports(s, 1, ext.flag("nat", t.o.NATDefault))
	return c
}

// declareExtra declares an instance beside the replicas with the edges of its service and further ones.
func (t *translator) declareExtra(s serviceConfig, e extra, c kinds.InstanceConfig, edges ...resource.Edge) resource.Ref {
	ref := resource.Ref{Kind: resource.KindInstance, Name: e.name}
	ext := t.extension(s.Extensions, servicePath(s.Name), serviceKeys)
	t.declare(ref, c, e.path, append(t.instanceEdges(s, c, ext), edges...)...)
	return ref
}

// attachment is the instance's place on a network. It has no DNS names, as in Docker, unless it is to have the service's.
func (e extra) attachment(service string) kinds.Attachment {
	a := kinds.Attachment{Instance: e.name, IncusName: e.incusName, Service: service}
	if !e.aliases {
		a.Service, a.Fleeting = e.name, true // nobody who asks for the service is to find it
	}
	return a
}

// withoutReplicas returns a deploy section that asks for one instance and no restarts.
func withoutReplicas(d *deployConfig) *deployConfig {
	if d == nil {
		return nil
	}
	c := *d
	c.Replicas, c.RestartPolicy = nil, nil
	return &c
}
