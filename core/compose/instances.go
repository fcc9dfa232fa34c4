package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Instance types, as in x-icc.type.
const (
	typeContainer = "container"
	typeVM        = "virtual-machine"
)

// instanceBase translates what all replicas of a service have in common.
func (t *translator) instanceBase(s serviceConfig, ext extension) kinds.InstanceConfig {
	path := servicePath(s.Name)
	c := kinds.InstanceConfig{
		Project: t.p.Name, Service: s.Name, Type: t.instanceType(ext), ContainerName: s.ContainerName,
		Hostname: s.Hostname, Domainname: s.DomainName, Entrypoint: s.Entrypoint, Command: s.Command,
		EntrypointSet: s.Entrypoint != nil, CommandSet: s.Command != nil, WorkingDir: s.WorkingDir, User: s.User,
		GroupAdd: s.GroupAdd, Environment: setValues(s.Environment), Labels: s.Labels, Annotations: s.Annotations,
		Networks: t.nics(s), DNS: s.DNS, DNSSearch: s.DNSSearch, DNSOptions: s.DNSOpts, ExtraHosts: hostList(s.ExtraHosts),
		Expose: s.Expose, Limits: t.limits(s), Ulimits: ulimits(s.Ulimits), Sysctls: s.Sysctls, Privileged: s.Privileged,
		TTY: s.Tty, StdinOpen: s.StdinOpen, Restart: t.restart(s), StopSignal: t.stopSignal(s), StopGracePeriod: gracePeriod(s.StopGracePeriod),
		Depth: t.depth[s.Name], DependsOn: t.dependencies(s), Profiles: ext.list("profiles"),
	}
	if s.NetworkMode == "none" {
		c.NetworkMode = "none"
	}
	if s.HealthCheck != nil {
		c.Healthcheck = healthcheck(s.HealthCheck)
	}
	if s.ContainerName != "" {
		t.checkContainerName(s, path)
	}
	devices, config := t.hostDevices(s)
	c.Incus = merge(orNil(config), ext.config)
	c.IncusDevices = ext.devices
	for _, name := range sortedKeys(devices) {
		if c.IncusDevices == nil {
			c.IncusDevices = map[string]map[string]string{}
		}
		if _, set := c.IncusDevices[name]; !set {
			c.IncusDevices[name] = devices[name]
		}
	}
	t.supervise(&c, s, ext)
	return c
}

// instance declares replica n of a service. steps is the edge to what has to run before.
func (t *translator) instance(s serviceConfig, base kinds.InstanceConfig, ext extension, n int, steps []resource.Edge) {
	c := base
	c.Number = n
	c.Mounts = t.mounts(s, n)
	c.Ports = t.ports(s, n, ext.flag("nat", t.o.NATDefault))
	for _, p := range c.Ports {
		if p.NAT {
			t.nat[instanceName(s.Name, n)] = append(t.nat[instanceName(s.Name, n)], p)
		}
		if p.Published > 0 {
			t.claims = append(t.claims, claim{Port: p, service: s.Name, path: servicePath(s.Name) + ".ports"})
		}
	}
	t.declare(resource.Ref{Kind: resource.KindInstance, Name: instanceName(s.Name, n)}, c, servicePath(s.Name),
		append(t.instanceEdges(s, c, ext), steps...)...)
}

func (t *translator) instanceType(ext extension) string {
	switch kind := ext.text("type"); kind {
	case "", typeContainer:
		return typeContainer
	case typeVM, "vm":
		return typeVM
	default:
		t.fail(ext.at("type"), fmt.Sprintf("%q is not a type of instance", kind), "write container or virtual-machine")
		return typeContainer
	}
}

// restart is the restart policy in Compose's words; deploy.restart_policy wins, as in docker compose.
func (t *translator) restart(s serviceConfig) string {
	path := servicePath(s.Name)
	policy := s.Restart
	if s.Deploy != nil && s.Deploy.RestartPolicy != nil {
		r := s.Deploy.RestartPolicy
		path += ".deploy.restart_policy"
		switch r.Condition {
		case "none":
			policy = "no"
		case "on-failure":
			policy = "on-failure"
		case "", "any":
			policy = "always"
		default:
			t.fail(path+".condition", fmt.Sprintf("%q is not a restart condition", r.Condition), "write none, on-failure or any")
		}
		if r.MaxAttempts != nil && policy != "no" {
			policy = fmt.Sprintf("%s:%d", policy, *r.MaxAttempts)
		}
	} else {
		path += ".restart"
		name, attempts, counted := strings.Cut(policy, ":")
		known := slices.Contains([]string{"", "no", "always", "unless-stopped", "on-failure"}, name)
		if !known || counted && (name != "on-failure" || strings.Trim(attempts, "0123456789") != "" || attempts == "") {
			t.fail(path, fmt.Sprintf("%q is not a restart policy", policy), "write no, always, unless-stopped, on-failure or on-failure:3")
		}
	}
	if strings.HasPrefix(policy, "on-failure") && t.isBare(s) {
		t.warn(path, "not possible without icc-init: Incus does not tell a failure from a success, so the service is started again whatever its exit code",
			`use "no" or "unless-stopped" if that matters`)
	}
	return policy
}

// healthcheck translates a health check; what is not set is left to the image.
func healthcheck(h *types.HealthCheckConfig) *kinds.Healthcheck {
	out := &kinds.Healthcheck{
		Test: h.Test, Interval: duration(h.Interval), Timeout: duration(h.Timeout), Disable: h.Disable,
		StartPeriod: duration(h.StartPeriod), StartInterval: duration(h.StartInterval),
	}
	if h.Retries != nil {
		out.Retries = int(*h.Retries)
	}
	if len(h.Test) > 0 && h.Test[0] == "NONE" {
		out.Disable = true
	}
	if out.Disable {
		out.Test = nil
	}
	return out
}

// checkContainerName refuses names that cannot be an instance's.
func (t *translator) checkContainerName(s serviceConfig, path string) {
	if n := t.replicas(s); n > 1 {
		t.fail(path+".container_name", fmt.Sprintf("service %q has %d replicas, which cannot share the name %q", s.Name, n, s.ContainerName),
			"remove container_name, or use one replica")
	}
	if _, err := t.scope.ContainerName(s.ContainerName); err != nil {
		e := resource.AsError(err)
		t.fail(path+".container_name", e.Text, e.Hint)
	}
}

func orNil(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}
