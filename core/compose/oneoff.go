package compose

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// OneOff asks Translate for one more instance of a service, as `icc run` starts it: it has the service's networks,
// volumes and dependencies, but publishes no ports, is never restarted, has no names on the networks and runs no hooks. It waits with its command until somebody is attached, unless it is detached.
//
// The service's replicas stay declared beside it. To bring up what it needs, and it alone, select it:
//
//	t, err := compose.Translate(p, compose.TranslateOptions{OneOff: &compose.OneOff{Service: "web", Command: argv}})
//	…resolve, observe…
//	up := engine.UpOptions{Select: m.Select([]resource.Ref{t.OneOff.Ref}, noDeps)}
//	outcome, err := e.Apply(ctx, engine.Up(m, o, up))
//	s := outcome.State(m, t.OneOff.Ref) // to attach to, to wait for, and to delete in the end
type OneOff struct {
	Service string
	// Command replaces the service's command; nil keeps it. Entrypoint replaces the entrypoint and drops the image's and
	// the service's command; nil keeps it.
	Command    []string
	Entrypoint []string
	// Environment is "NAME=value", or "NAME" for the value that the environment has.
	Environment      []string
	User, WorkingDir string
	// Volumes are in Compose's short form; relative host paths are seen from Directory, empty means the project's.
	Volumes   []string
	Directory string
	// Publish are ports in Compose's short form. ServicePorts publishes those of the service, too.
	Publish      []string
	ServicePorts bool
	// UseAliases gives the instance the service's names on its networks.
	UseAliases bool
	// Name is the instance's name on the server; empty means "<project>-<service>-run-<suffix>".
	Name string
	// Suffix tells the instances apart, six hexadecimal digits; empty means random ones.
	Suffix string
	// Labels are "NAME=value".
	Labels          []string
	CapAdd, CapDrop []string
	TTY, StdinOpen  bool
	// Detached instances begin at once instead of waiting for somebody to attach.
	Detached bool
}

// DeclaredOneOff is the instance that TranslateOptions.OneOff asked for.
type DeclaredOneOff struct {
	Ref resource.Ref
	// Volumes are the anonymous volumes that only it has; whoever removes the instance removes them, too.
	Volumes []resource.Ref
}

// oneOffNumbers is where the numbers of one-off instances begin: no service has as many replicas, and so anonymous
// volumes, which are named by service and number, are never shared.
const oneOffNumbers = 1 << 24

// oneOff declares the instance that TranslateOptions.OneOff asks for.
func (t *translator) oneOff(o OneOff) error {
	s, ok := t.p.Services[o.Service]
	if !ok {
		return unknownService(t.p, o.Service)
	}
	if o.Suffix == "" {
		var random [3]byte
		_, _ = rand.Read(random[:]) // it never fails
		random[0] |= 0x80           // a suffix that begins with 2 to 7 may look like a tag of naming's, and would get one
		o.Suffix = hex.EncodeToString(random[:])
	}
	suffix, err := strconv.ParseUint(o.Suffix, 16, 24)
	if err != nil {
		return configError(fmt.Sprintf("%q is not a suffix for an instance", o.Suffix), "give six hexadecimal digits")
	}
	if s, err = o.apply(s, t.p); err != nil {
		return err
	}
	name := s.Name + "-run-" + o.Suffix
	incusName := strings.TrimSuffix(t.scope.Instance(name, 1), "-1")
	if o.Name != "" {
		if incusName, err = t.scope.ContainerName(o.Name); err != nil {
			return err
		}
	}
	e := extra{name: name, incusName: incusName, number: oneOffNumbers + int(suffix), path: servicePath(s.Name), aliases: o.UseAliases}
	before := len(t.decls[resource.KindStorageVolume])
	c := t.extraInstance(s, e)
	if c.Init == kinds.InitOff {
		t.fail(servicePath(s.Name), fmt.Sprintf("a command of service %q cannot be run in an instance of its own: icc-init is switched off", s.Name),
			"use icc exec, or remove init: off")
	}
	c.AwaitAttach = !o.Detached
	out := &DeclaredOneOff{Ref: t.declareExtra(s, e, c)}
	for _, nic := range c.Networks {
		a := e.attachment(s.Name)
		a.Aliases = nic.Aliases
		a.NATPorts = slices.DeleteFunc(slices.Clone(c.Ports), func(p kinds.Port) bool { return !p.NAT })
		t.extras[nic.Network] = append(t.extras[nic.Network], a)
	}
	for _, d := range t.decls[resource.KindStorageVolume][before:] {
		out.Volumes = append(out.Volumes, d.Ref)
	}
	t.out.OneOff = out
	return nil
}

// apply returns the service with what the one-off instance changes.
func (o OneOff) apply(s serviceConfig, p *Project) (serviceConfig, error) {
	if o.Entrypoint != nil {
		s.Entrypoint, s.Command = o.Entrypoint, nil
	}
	if o.Command != nil {
		s.Command = o.Command
	}
	if o.User != "" {
		s.User = o.User
	}
	if o.WorkingDir != "" {
		s.WorkingDir = o.WorkingDir
	}
	s.Tty, s.StdinOpen = o.TTY, o.StdinOpen
	s.CapAdd, s.CapDrop = slices.Concat(s.CapAdd, o.CapAdd), slices.Concat(s.CapDrop, o.CapDrop)
	given := types.NewMappingWithEquals(o.Environment).Resolve(func(name string) (string, bool) {
		value, ok := p.Environment[name]
		return value, ok
	})
	s.Environment = types.MappingWithEquals{}.OverrideBy(s.Environment).OverrideBy(given)
	labels := types.Labels{}
	for name, value := range s.Labels {
		labels[name] = value
	}
	for _, l := range o.Labels {
		name, value, _ := strings.Cut(l, "=")
		labels[name] = value
	}
	s.Labels = labels
	if !o.ServicePorts {
		s.Ports = nil
	}
	for _, text := range o.Publish {
		ports, err := types.ParsePortConfig(text)
		if err != nil {
			return s, configError(fmt.Sprintf("%q is not a port to publish: %v", text, err), "write it as 8080:80")
		}
		s.Ports = append(slices.Clone(s.Ports), ports...)
	}
	return o.mount(s, p)
}

// mount adds the volumes; they replace those of the service with the same target.
func (o OneOff) mount(s serviceConfig, p *Project) (serviceConfig, error) {
	for _, text := range o.Volumes {
		v, err := format.ParseVolume(text)
		if err != nil {
			return s, configError(fmt.Sprintf("%q is not a volume to mount: %v", text, err), "write it as ./directory:/target or volume:/target")
		}
		if _, known := p.Volumes[v.Source]; v.Type == types.VolumeTypeVolume && v.Source != "" && !known {
			return s, configError(fmt.Sprintf("volume %q is not defined", v.Source), `define it under volumes in the compose file, or write "./`+v.Source+`" for a directory`)
		}
		if v.Type == types.VolumeTypeBind && !filepath.IsAbs(v.Source) {
			v.Source = filepath.Join(p.WorkingDir, v.Source)
			if o.Directory != "" {
				v.Source, _ = filepath.Abs(filepath.Join(o.Directory, text[:strings.IndexByte(text, ':')]))
			}
		}
		s.Volumes = slices.DeleteFunc(slices.Clone(s.Volumes), func(have types.ServiceVolumeConfig) bool { return have.Target == v.Target })
		s.Volumes = append(s.Volumes, v)
	}
	return s, nil
}
