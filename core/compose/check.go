package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/core/suggest"
	"github.com/icc-project/icc/sdk/naming"
)

// check looks for contradictions between the parts of a project and returns all of them. compose-go has such a check,
// too, which stops at the first finding and names no place.
func check(p *Project) error {
	c := &checker{p: p}
	names := p.serviceNames()
	for _, name := range names {
		s := p.Services[name]
		c.at = servicePath(name)
		c.hostName(s)
		c.source(s)
		c.build(s)
		c.networks(s)
		c.dependencies(s)
		c.references(s)
		c.replicas(s)
		c.twice(s)
		c.mounts(s)
		c.process(s)
		c.ulimits(s)
		c.values(s)
	}
	c.containerNames(names)
	c.jobs()
	if len(c.errs) == 0 {
		c.cycle()
	}
	return joined(c.errs)
}

// checker collects findings about one project.
type checker struct {
	p    *Project
	at   string
	errs []error
}

// add records a finding about an attribute of the service at hand.
func (c *checker) add(attribute, text, hint string) {
	path := c.at
	if attribute != "" {
		path += "." + attribute
	}
	c.errs = append(c.errs, configErrorAt(c.p.Locate(path), text, hint))
}

// item is entry i of a list of n of the service at hand; see translator.item.
func (c *checker) item(list string, i, n int) string {
	if c.p.index.length(c.at+"."+list) != n {
		return list
	}
	return fmt.Sprintf("%s[%d]", list, i)
}

// undefined records a reference to something that the project does not have.
func (c *checker) undefined(attribute, what, name string, known []string, remedy string) {
	hint := remedy
	if n := suggest.Nearest(name, known); n != "" {
		hint = fmt.Sprintf("did you mean %q? Otherwise %s", n, remedy)
	}
	c.add(attribute, fmt.Sprintf("%s %q is not defined", what, name), hint)
}

// maxHostName is the most characters that a host name may have between its dots.
const maxHostName = 63

func (c *checker) hostName(s serviceConfig) {
	for part := range strings.SplitSeq(s.Name, ".") {
		if len(part) > maxHostName {
			c.add("", fmt.Sprintf("the service's name is too long: %d characters, but other services find it by a host name of at most %d",
				len(part), maxHostName), "choose a shorter name, or one with dots between shorter parts")
			return
		}
	}
}

func (c *checker) source(s serviceConfig) {
	if s.Build == nil && s.Image == "" && s.Provider == nil {
		if c.p.index.has(c.at + ".image") {
			c.add("image", fmt.Sprintf("the image of service %q is empty", s.Name), "set the variable that it is taken from")
			return
		}
		c.add("", fmt.Sprintf("service %q has neither an image nor a build section", s.Name),
			`name an image, such as "image: nginx", or what to build, such as "build: ."`)
	}
}

func (c *checker) build(s serviceConfig) {
	b := s.Build
	if b == nil {
		return
	}
	if b.DockerfileInline != "" && b.Dockerfile != "" {
		c.add("build.dockerfile_inline", "dockerfile and dockerfile_inline exclude each other", "remove one of the two")
	}
	all := c.p.AllServices()
	for _, name := range sortedKeys(b.AdditionalContexts) {
		service, ok := strings.CutPrefix(b.AdditionalContexts[name], types.ServicePrefix)
		if !ok {
			continue
		}
		at := "build.additional_contexts." + name
		if t, ok := all[service]; !ok {
			c.undefined(at, "service", service, sortedKeys(all), "define it under services")
		} else if t.Build == nil {
			c.add(at, fmt.Sprintf("service %q is not built, so its image cannot be a build context", service),
				fmt.Sprintf(`write "docker-image://%s" instead`, t.Image))
		}
	}
	if s.Platform != "" && len(b.Platforms) > 0 && !naming.ListsPlatform(b.Platforms, s.Platform) {
		c.add("build.platforms", fmt.Sprintf("the service's platform %q is not among those that are built", s.Platform), "add it")
	}
	for i, secret := range b.Secrets {
		if _, ok := c.p.Secrets[secret.Source]; !ok {
			c.undefined(c.item("build.secrets", i, len(b.Secrets)), "secret", secret.Source, c.p.SecretNames(), "define it under secrets")
		}
	}
}

func (c *checker) networks(s serviceConfig) {
	if s.NetworkMode != "" && len(s.Networks) > 0 {
		c.add("network_mode", "network_mode and networks exclude each other", "remove one of the two")
	}
	for _, name := range sortedKeys(s.Networks) {
		if _, ok := c.p.Networks[name]; !ok {
			c.undefined("networks."+name, "network", name, c.p.NetworkNames(), "define it under networks")
		}
	}
}

// dependencies looks at depends_on and at the attributes that imply it.
func (c *checker) dependencies(s serviceConfig) {
	implied := map[string]string{}
	for i, l := range s.Links {
		name, _, _ := strings.Cut(l, ":")
		implied[name] = c.item("links", i, len(s.Links))
	}
	for i, v := range s.VolumesFrom {
		name, _, _ := strings.Cut(v, ":")
		implied[name] = c.item("volumes_from", i, len(s.VolumesFrom))
	}
	for attribute, mode := range map[string]string{"network_mode": s.NetworkMode, "ipc": s.Ipc, "pid": s.Pid} {
		if name, ok := strings.CutPrefix(mode, types.ServicePrefix); ok {
			implied[name] = attribute
		}
	}
	for _, name := range sortedKeys(s.DependsOn) {
		if _, ok := c.p.Services[name]; ok {
			continue
		}
		at := implied[name]
		if at == "" {
			at = "depends_on." + name
		}
		if d, disabled := c.p.DisabledServices[name]; disabled {
			if s.DependsOn[name].Required {
				c.add(at, fmt.Sprintf("service %q, which %q needs, belongs to a profile that is not active", name, s.Name),
					fmt.Sprintf("activate it with --profile %s, or set required: false", strings.Join(d.Profiles, " or --profile ")))
			}
			continue
		}
		c.undefined(at, "service", name, c.p.serviceNames(), "define it under services")
	}
}

// references looks at what a service takes from the top-level sections.
func (c *checker) references(s serviceConfig) {
	for i, v := range s.Volumes {
		if v.Type == types.VolumeTypeVolume && v.Source != "" {
			if _, ok := c.p.Volumes[v.Source]; !ok {
				c.undefined(c.item("volumes", i, len(s.Volumes)), "volume", v.Source, c.p.VolumeNames(),
					fmt.Sprintf(`define it under volumes, or write "./%s" for a directory`, v.Source))
			}
		}
	}
	for i, f := range s.Secrets {
		if _, ok := c.p.Secrets[f.Source]; !ok {
			c.undefined(c.item("secrets", i, len(s.Secrets)), "secret", f.Source, c.p.SecretNames(), "define it under secrets")
		}
	}
	for i, f := range s.Configs {
		if _, ok := c.p.Configs[f.Source]; !ok {
			c.undefined(c.item("configs", i, len(s.Configs)), "config", f.Source, c.p.ConfigNames(), "define it under configs")
		}
	}
	for _, name := range sortedKeys(s.Models) {
		if _, ok := c.p.Models[name]; !ok {
			c.undefined("models."+name, "model", name, c.p.ModelNames(), "define it under models")
		}
	}
}

func (c *checker) replicas(s serviceConfig) {
	if s.Scale != nil && *s.Scale < 0 {
		c.add("scale", "the number of replicas is negative", "write a number from 0 up")
	}
	if s.Deploy == nil || s.Deploy.Replicas == nil {
		return
	}
	if *s.Deploy.Replicas < 0 {
		c.add("deploy.replicas", "the number of replicas is negative", "write a number from 0 up")
	}
	if s.Scale != nil && *s.Scale != *s.Deploy.Replicas {
		c.add("scale", fmt.Sprintf("scale is %d, but deploy.replicas %d", *s.Scale, *s.Deploy.Replicas), "remove one of the two")
	}
}

// twice looks for limits that are set in two places with different values.
func (c *checker) twice(s serviceConfig) {
	if s.Deploy == nil || s.Deploy.Resources.Limits == nil {
		return
	}
	l := s.Deploy.Resources.Limits
	differ := func(attribute, other string, a, b float64) {
		if a != 0 && b != 0 && a != b {
			c.add(attribute, fmt.Sprintf("%s and deploy.resources.limits.%s have different values", attribute, other), "remove one of the two")
		}
	}
	differ("cpus", "cpus", float64(s.CPUS), float64(l.NanoCPUs.Value()))
	differ("mem_limit", "memory", float64(s.MemLimit), float64(l.MemoryBytes))
	differ("pids_limit", "pids", float64(s.PidsLimit), float64(l.Pids))
}

// mounts looks at where a service mounts things.
func (c *checker) mounts(s serviceConfig) {
	taken := map[string]string{}
	use := func(list string, i, n int, target string) {
		attribute := fmt.Sprintf("%s[%d]", list, i)
		if !strings.HasPrefix(target, "/") {
			c.add(c.item(list, i, n), fmt.Sprintf("target %q is not an absolute path", target), "begin it with a slash")
			return
		}
		if first, ok := taken[target]; ok {
			c.add(c.item(list, i, n), fmt.Sprintf("%s is the target of %s already", target, first), "remove one of the two")
			return
		}
		taken[target] = attribute
	}
	for i, v := range s.Volumes {
		use("volumes", i, len(s.Volumes), v.Target)
	}
	for i, entry := range s.Tmpfs {
		target, _, _ := strings.Cut(entry, ":")
		use("tmpfs", i, len(s.Tmpfs), target)
	}
}

func (c *checker) process(s serviceConfig) {
	if h := s.HealthCheck; h != nil && len(h.Test) > 0 && !slices.Contains([]string{"CMD", "CMD-SHELL", "NONE"}, h.Test[0]) {
		c.add("healthcheck.test", fmt.Sprintf("the test begins with %q", h.Test[0]),
			`begin the list with "CMD" or "CMD-SHELL", or write the command as one text`)
	}
	if s.WorkingDir != "" && !strings.HasPrefix(s.WorkingDir, "/") {
		c.add("working_dir", fmt.Sprintf("%q is not an absolute path", s.WorkingDir), "begin it with a slash")
	}
	if _, nameless := s.Environment[""]; nameless {
		c.add("environment", "a variable has no name", "write KEY=value")
	}
	if s.Develop == nil {
		return
	}
	for i, w := range s.Develop.Watch {
		if w.Target == "" && w.Action != types.WatchActionRebuild && w.Action != types.WatchActionRestart {
			c.add(c.item("develop.watch", i, len(s.Develop.Watch)), fmt.Sprintf("action %q needs a target", w.Action), "add the path in the container")
		}
	}
}

// containerNames looks for names that two instances would share.
func (c *checker) containerNames(names []string) {
	users := map[string]string{}
	for _, name := range names {
		s := c.p.Services[name]
		c.at = servicePath(name)
		if s.ContainerName == "" {
			continue
		}
		if n := s.GetScale(); n > 1 {
			c.add("container_name", fmt.Sprintf("service %q has %d replicas, which cannot share the name %q", name, n, s.ContainerName),
				"remove container_name, or use one replica")
		}
		if first, ok := users[s.ContainerName]; ok {
			c.add("container_name", fmt.Sprintf("service %q has the name %q already", first, s.ContainerName), "choose another name")
		}
		users[s.ContainerName] = name
	}
}

// jobs looks for names that are both a service's and a job's.
func (c *checker) jobs() {
	for _, name := range sortedKeys(c.p.AllJobs()) {
		if _, ok := c.p.AllServices()[name]; ok {
			c.at = "jobs." + name
			c.add("", fmt.Sprintf("%q is a service, too", name), "rename one of the two")
		}
	}
}
