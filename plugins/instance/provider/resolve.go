package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// Resolve implements sdk.Provider: it names the instances and finds what is wrong with their declarations.
func (p *Provider) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	out := &sdk.Resolution{}
	names := map[string]resource.Ref{}
	for _, d := range decls {
		if err := sdk.CheckKind(d.Kind, resource.KindInstance); err != nil {
			return nil, err
		}
		report := func(text, hint string) {
			out.Diagnostics = append(out.Diagnostics, resource.Diagnostic{
				Severity: resource.SeverityError, Ref: d.Ref, Position: d.Position, Text: text, Hint: hint,
			})
		}
		c, err := decode(d.Config)
		if err != nil {
			report(err.Error(), resource.Hint(err))
			continue
		}
		name, err := p.instanceName(c)
		if err != nil {
			e := resource.AsError(err)
			report(e.Text, e.Hint)
			continue
		}
		if other, taken := names[name]; taken {
			report(fmt.Sprintf("%s and %s would both be called %q on the server", other.Name, d.Name, name),
				"change one's container_name")
		}
		names[name] = d.Ref
		checkConfig(c, report)
		out.Resolved = append(out.Resolved, resource.Resolved{
			Ref: d.Ref, IncusName: name, Priority: resource.PriorityInstance, Actions: actions(),
			Config: d.Config, DependsOn: d.DependsOn, Position: d.Position,
		})
	}
	return out, nil
}

// decode reads an instance's configuration strictly: a field this version does not know would be ignored in silence.
func decode(config json.RawMessage) (kinds.InstanceConfig, error) {
	var c kinds.InstanceConfig
	err := schema.Decode(config, &c)
	return c, err
}

func (p *Provider) instanceName(c kinds.InstanceConfig) (string, error) {
	if c.ContainerName != "" {
		return p.scope().ContainerName(c.ContainerName)
	}
	return p.scope().Instance(c.Service, c.Number), nil
}

// volumeKey is the declared name of a volume of one instance, as the compose package has it, too.
func volumeKey(service string, number int, path string) string {
	return fmt.Sprintf("%s-%d:%s", service, number, path)
}

// checkConfig reports what no server would accept.
func checkConfig(c kinds.InstanceConfig, report func(text, hint string)) {
	if c.Image == "" {
		report(fmt.Sprintf("service %q has no image", c.Service), "set `image` or `build`")
	}
	targets := map[string]bool{}
	for _, m := range c.Mounts {
		target := path.Clean(m.Target)
		switch {
		case !path.IsAbs(m.Target):
			report(fmt.Sprintf("the mount target %q is not an absolute path", m.Target), "begin it with a slash")
		case target == "/":
			report("nothing can be mounted at /", "mount it at a directory")
		case reserved(target):
			report(fmt.Sprintf("nothing can be mounted at %s, which is icc-init's place", target), "mount it elsewhere")
		case targets[target]:
			report(fmt.Sprintf("two mounts have the target %s", target), "remove one of them")
		}
		targets[target] = true
	}
	interfaces := map[string]bool{}
	for i, nic := range c.Networks {
		name := nic.Interface
		if name == "" {
			name = fmt.Sprintf("eth%d", i)
		}
		if interfaces[name] {
			report(fmt.Sprintf("two networks have the interface %q", name), "change one's interface_name")
		}
		interfaces[name] = true
	}
	for name := range c.IncusDevices {
		checkDeviceName(name, report)
	}
}

// reserved says whether icc-init needs the path for itself.
func reserved(target string) bool {
	return target == initspec.Path || target == initspec.Dir || strings.HasPrefix(target, initspec.Dir+"/")
}

// checkDeviceName applies Incus' rules for device names.
func checkDeviceName(name string, report func(text, hint string)) {
	const most = 63
	valid := name != "" && len(name) <= most && name[0] != '.'
	for _, r := range name {
		valid = valid && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r == ':')
	}
	if !valid {
		report(fmt.Sprintf("%q is not a device name", name), "use at most 63 letters, digits, and - _ . : characters")
	}
}
