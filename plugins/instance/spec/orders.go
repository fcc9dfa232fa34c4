package spec

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Devices by which icc-init reaches an instance.
const (
	DeviceInit = "icc-init" // the program itself, read-only
	DeviceRun  = "icc-run"  // the instance's own directory for state and log
)

// InitFile is icc-init's place in the runtime volume.
const InitFile = "init/icc-init"

// RuntimeVolume is the volume that icc-init arrives by, and that instances keep their state and log in.
type RuntimeVolume struct {
	Pool, Name string
}

// supervised says whether icc-init is the instance's PID 1: in containers of OCI images whose command line is known and
// is not at icc-init's own place, unless the user has chosen otherwise.
func (t *translation) supervised() bool {
	_, own := t.Config.Incus["oci.entrypoint"]
	return t.oci() && t.Config.Init != kinds.InitOff && !own && t.Image.Process != nil && !t.hidden()
}

// hidden says whether the mount of icc-init would hide the very command that is to be run.
func (t *translation) hidden() bool {
	argv, err := t.argv()
	return err == nil && path.Clean(argv[0]) == initspec.Path
}

// Supervised says the same of an instance on the server.
func Supervised(config map[string]string) bool { return config[initspec.Key] != "" }

// Orders reads back what icc-init was told; nil when it is not the instance's PID 1.
func Orders(config map[string]string) *initspec.Spec {
	var s initspec.Spec
	if !Supervised(config) || json.Unmarshal([]byte(config[initspec.Key]), &s) != nil {
		return nil
	}
	return &s
}

// Damaged says that icc-init, which is the instance's PID 1, cannot read what it was told.
func Damaged(config map[string]string) bool {
	if !Supervised(config) {
		return false
	}
	s := Orders(config)
	return s == nil || s.Version != initspec.Version || len(s.Argv) == 0
}

// unsupervised tells what is lost when icc-init would be used but cannot be.
func (t *translation) unsupervised() {
	if !t.oci() || t.Config.Init == kinds.InitOff {
		return
	}
	why := ""
	switch {
	case t.Image.Process == nil:
		why = fmt.Sprintf("nothing is known of how the image %s is run", t.Image.Reference)
	case t.hidden():
		why = fmt.Sprintf("the image %s has an init of its own at %s, which icc-init's would hide", t.Image.Reference, initspec.Path)
	default:
		return
	}
	t.out.Notices = append(t.out.Notices, fmt.Sprintf(
		"%s, so service %q runs without icc-init: no exit code, stop signal, grace period, health or log with times", why, t.Config.Service))
}

// attachable refuses what only icc-init can do: to hold a command back until somebody is attached who sees all of it.
func (t *translation) attachable() error {
	if !t.Config.AwaitAttach {
		return nil
	}
	why := fmt.Sprintf("%s boots an init of its own", t.Image.Reference)
	if len(t.out.Notices) > 0 {
		why = t.out.Notices[0]
	}
	return resource.ErrConfig.WithText(fmt.Sprintf("a command of service %q cannot be run in an instance of its own: %s", t.Config.Service, why)).
		WithHint("use icc exec, or start it with --detach")
}

// orders writes what icc-init is to do, and how it gets into the instance.
func (t *translation) orders() error {
	if !t.supervised() {
		t.unsupervised()
		return t.attachable()
	}
	if api, set := t.Config.Incus["security.guestapi"]; set && api != "true" {
		return t.invalid("x-incus", inexpressible("icc-init reads its orders through the guest API, which security.guestapi switches off",
			"remove security.guestapi, or run the service without icc-init: `x-icc: {init: off}`"))
	}
	s, err := t.initSpec()
	if err != nil {
		return err
	}
	if s.Takeover && s.Restart.Policy != "" && t.Config.Init != kinds.InitTakeover {
		t.out.Notices = append(t.out.Notices, fmt.Sprintf("%s of the image %s becomes PID 1 itself, so nobody sees it end, and restart: %s of service %q does nothing",
			s.Argv[0], t.Image.Reference, t.Config.Restart, t.Config.Service))
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encoding the orders of icc-init: %w", err)
	}
	t.set(initspec.Key, string(raw))
	// Everything else about the process is icc-init's to do, which has to begin as root.
	t.set("oci.entrypoint", initspec.Path)
	t.set("oci.cwd", "/")
	t.set("oci.uid", "0")
	t.set("oci.gid", "0")
	v := t.Host.Runtime
	t.out.Runtime = &v
	t.out.Devices[DeviceInit] = map[string]string{"type": "disk", "pool": v.Pool, "source": v.Name + "/" + InitFile,
		"path": initspec.Path, "readonly": "true"}
	t.out.Devices[DeviceRun] = map[string]string{"type": "disk", "pool": v.Pool, "source": v.Name + "/" + t.IncusName, "path": initspec.Dir}
	return nil
}

// initSpec is the document itself. Equal input gives equal bytes.
func (t *translation) initSpec() (*initspec.Spec, error) {
	c, image := t.Config, t.Image.Process
	argv, err := t.argv()
	if err != nil {
		return nil, err
	}
	hosts, err := t.hosts()
	if err != nil {
		return nil, err
	}
	s := &initspec.Spec{
		Version: initspec.Version, Argv: argv, Env: t.env(), Cwd: cmp.Or(c.Incus["oci.cwd"], c.WorkingDir, image.WorkingDir),
		User: cmp.Or(t.rawUser(), c.User, image.User), Groups: c.GroupAdd,
		Hostname: c.Hostname, Domainname: c.Domainname, Hosts: hosts, DNSOptions: c.DNSOptions, Resolvers: t.forwarded(),
		ReadOnly: c.ReadOnly, CapAdd: c.CapAdd, CapDrop: c.CapDrop, NoNewPrivileges: c.NoNewPrivileges,
		OOMScoreAdj: c.Limits.OOMScore, Umask: c.Umask,
		TTY: c.TTY, Stdin: c.StdinOpen, AwaitAttach: c.AwaitAttach,
		Takeover:   c.Init == kinds.InitTakeover || bootsInit(argv[0]),
		StopSignal: cmp.Or(c.StopSignal, image.StopSignal), Restart: restart(c), Health: t.healthOrders(),
		Log:       initspec.Log{Disabled: c.Logging.Disabled, MaxSize: c.Logging.MaxSize, MaxFiles: c.Logging.MaxFiles},
		PostStart: hooks(c.PostStart), PreStop: hooks(c.PreStop),
	}
	if c.StopGracePeriod > 0 {
		s.Grace = &c.StopGracePeriod
	}
	return s, nil
}

// rawUser is the user that x-incus names, who wins over the service's. As oci.uid he would be icc-init's.
func (t *translation) rawUser() string {
	user := t.Config.Incus["oci.uid"]
	if group := t.Config.Incus["oci.gid"]; group != "" {
		user = cmp.Or(user, "0") + ":" + group
	}
	return user
}

// bootsInit says whether a command is an init that wants to be PID 1 itself.
func bootsInit(command string) bool {
	return slices.Contains([]string{"/init", "/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd"}, command)
}

// env lists the whole environment by name.
func (t *translation) env() []string {
	env := t.variables()
	if _, set := env["TERM"]; !set && t.Config.TTY {
		env["TERM"] = "xterm"
	}
	for key, value := range t.Config.Incus {
		if name, ok := strings.CutPrefix(key, EnvironmentPrefix); ok {
			env[name] = value
		}
	}
	out := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out
}

// hostGateway is Compose's word for the address by which containers reach their host.
const hostGateway = "host-gateway"

// hosts lists the additional lines of /etc/hosts.
func (t *translation) hosts() ([]string, error) {
	var out []string
	for _, entry := range t.Config.ExtraHosts {
		name, address, _ := strings.Cut(entry, "=")
		if address == hostGateway {
			if address = t.gateway(); address == "" {
				return nil, t.invalid("extra_hosts", inexpressible(
					fmt.Sprintf("no network of the service has an address of the host for %s", name), "write the host's address instead of host-gateway"))
			}
		}
		out = append(out, name+"="+address)
	}
	return out, nil
}

// gateway returns the host's address on the first network that has a way out, or else on the first one at all.
func (t *translation) gateway() string {
	servers := t.networkResolvers()
	if len(servers) == 0 {
		return ""
	}
	return servers[0]
}

func hooks(list []kinds.Hook) []initspec.Hook {
	var out []initspec.Hook
	for _, h := range list {
		hook := initspec.Hook{Command: h.Command, User: h.User, WorkingDir: h.WorkingDir}
		for _, name := range slices.Sorted(maps.Keys(h.Environment)) {
			hook.Env = append(hook.Env, name+"="+h.Environment[name])
		}
		out = append(out, hook)
	}
	return out
}
