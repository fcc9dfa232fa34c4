package compose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Rolling says how the replicas of a service are changed one after the other. A service without deploy.update_config has
// none: its replicas change all at once, as with docker compose.
type Rolling struct {
	Service string
	// Replicas are in the order of their numbers, Surge are those that TranslateOptions.Surge asked for.
	Replicas, Surge []resource.Ref
	Update          resource.UpdatePolicy
	Rollback        resource.UpdatePolicy
}

// RollbackPolicy is how a service of the project is rolled back.
func (p *Project) RollbackPolicy(service string) resource.UpdatePolicy {
	s, ok := p.Services[service]
	if !ok || s.Deploy == nil {
		return resource.DefaultUpdatePolicy()
	}
	return updatePolicy(s.Deploy.RollbackConfig)
}

// rolling notes how the service's replicas are updated, and declares those that stand in meanwhile.
func (t *translator) rolling(s serviceConfig, base kinds.InstanceConfig, ext extension, steps []resource.Edge) {
	if s.Deploy == nil {
		return
	}
	path := servicePath(s.Name) + ".deploy"
	t.checkPolicy(s.Deploy.UpdateConfig, path+".update_config", "pause", "continue", "rollback")
	t.checkPolicy(s.Deploy.RollbackConfig, path+".rollback_config", "pause", "continue")
	if s.Deploy.UpdateConfig == nil {
		return
	}
	r := Rolling{Service: s.Name, Update: updatePolicy(s.Deploy.UpdateConfig), Rollback: updatePolicy(s.Deploy.RollbackConfig)}
	for _, n := range t.numbers(s) {
		r.Replicas = append(r.Replicas, resource.Ref{Kind: resource.KindInstance, Name: instanceName(s.Name, n)})
	}
	for _, n := range t.surge(s) {
		r.Surge = append(r.Surge, t.standIn(s, base, ext, n, steps))
	}
	t.out.Rolling = append(t.out.Rolling, r)
}

// surge are the numbers of the instances that stand in for replicas of the service: above all others.
func (t *translator) surge(s serviceConfig) []int {
	next := 1
	for _, n := range append(t.numbers(s), t.o.Existing[s.Name]...) {
		next = max(next, n+1)
	}
	var all []int
	for i := range t.o.Surge[s.Name] {
		all = append(all, next+i)
	}
	return all
}

// standIn declares an instance that does a replica's work for a while: it publishes no ports on the host, which belong
// to one instance at a time, and has no address, name or host name that only one can have.
func (t *translator) standIn(s serviceConfig, base kinds.InstanceConfig, ext extension, n int, steps []resource.Edge) resource.Ref {
	s.ContainerName = ""
	c := base
	c.Number, c.ContainerName, c.Ports = n, "", nil
	c.Networks = append([]kinds.NIC(nil), base.Networks...)
	for i := range c.Networks {
		c.Networks[i].IPv4, c.Networks[i].IPv6, c.Networks[i].MACAddress = "", "", ""
	}
	c.Mounts = t.mounts(s, n)
	name, links := instanceName(s.Name, n), t.linkAliases()
	for _, nic := range c.Networks {
		t.extras[nic.Network] = append(t.extras[nic.Network], kinds.Attachment{
			Instance: name, IncusName: t.scope.Instance(s.Name, n), Service: s.Name, Aliases: t.aliases(s, nic.Network, links), Fleeting: true,
		})
	}
	ref := resource.Ref{Kind: resource.KindInstance, Name: name}
	t.declare(ref, c, servicePath(s.Name)+".deploy.update_config", append(t.instanceEdges(s, c, ext), steps...)...)
	return ref
}

// updatePolicy translates an update_config or rollback_config; what it does not say is Docker Swarm's default.
func updatePolicy(c *types.UpdateConfig) resource.UpdatePolicy {
	p := resource.DefaultUpdatePolicy()
	if c == nil {
		return p
	}
	if c.Parallelism != nil {
		p.Parallelism = int(min(*c.Parallelism, 1<<20))
	}
	if c.Monitor > 0 {
		p.Monitor = time.Duration(c.Monitor)
	}
	if c.Order != "" {
		p.Order = resource.UpdateOrder(c.Order)
	}
	if c.FailureAction != "" {
		p.OnFailure = resource.FailureAction(c.FailureAction)
	}
	p.Delay, p.MaxFailureRatio = time.Duration(c.Delay), float64(c.MaxFailureRatio)
	return p
}

// checkPolicy refuses words that mean nothing.
func (t *translator) checkPolicy(c *types.UpdateConfig, path string, actions ...string) {
	if c == nil {
		return
	}
	t.oneOf(path+".failure_action", c.FailureAction, actions...)
	if c.MaxFailureRatio < 0 || c.MaxFailureRatio > 1 {
		t.fail(path+".max_failure_ratio", fmt.Sprintf("%v is no ratio", c.MaxFailureRatio), "write a number from 0 to 1")
	}
	if c.Delay < 0 || c.Monitor < 0 {
		t.fail(path, "its times cannot be negative", "write them as 10s")
	}
}

// oneOf refuses a word that is not among the known ones.
func (t *translator) oneOf(path, word string, known ...string) {
	if word != "" && !slices.Contains(known, word) {
		t.fail(path, fmt.Sprintf("%q is not possible here", word), "write "+strings.Join(known[:len(known)-1], ", ")+" or "+known[len(known)-1])
	}
}
