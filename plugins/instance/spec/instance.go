package spec

import (
	"maps"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Input is everything the server form of an instance depends on.
type Input struct {
	// Name is the declared name ("web-1"), IncusName the server's.
	Name      string
	IncusName string
	Config    kinds.InstanceConfig
	Image     kinds.ImageOutputs
	// Networks and Volumes are the outputs of the networks and volumes that Config names, by declared name.
	Networks map[string]kinds.NetworkOutputs
	Volumes  map[string]kinds.VolumeOutputs
	// DependsOn are the instance's edges; those to other instances are recorded on the server.
	DependsOn []resource.Edge
	Host      Host
	// NoHealthd says that no health daemon is to watch the instance.
	NoHealthd bool
}

// Host is what has to be known of the place where the instance will run.
type Host struct {
	// Pool is the storage pool of root disks and anonymous volumes.
	Pool string
	// IPv6 says that the host has IPv6, so that ports are published on it, too.
	IPv6 bool
	// Runtime is the project's runtime volume.
	Runtime RuntimeVolume
	// AnonymousVolume names the volume behind a mount point that only the image declares.
	AnonymousVolume func(service string, number int, path string) string
}

// Devices are an instance's devices by name.
type Devices map[string]map[string]string

// Instance is what Incus is to have.
type Instance struct {
	Name        string
	Type        string // "container" or "virtual-machine"
	Fingerprint string
	Profiles    []string
	Config      map[string]string
	Devices     Devices
	// User is set when a name has to be looked up in the image's user database before the first start.
	User *UserName
	// Directories have to exist in the root file system before the first start; see mountPoints.
	Directories []string
	// Volumes are the volumes that belong to the instance alone.
	Volumes []AnonymousVolume
	// Files are the devices with secrets and configs: single files that are only read.
	Files map[string]bool `json:"-"`
	// Filled are the devices whose volume is yet to get its first content from the image, which takes a start.
	Filled map[string]bool `json:"-"`
	// FreePorts names the proxy devices whose host port may be any free one; they listen on port 0 until then.
	FreePorts []string
	// Runtime is the runtime volume that the instance's devices come from; nil without icc-init.
	Runtime *RuntimeVolume `json:",omitempty"`
	// Notices say what the user should know of how the service will run.
	Notices []string `json:",omitempty"`
	// Version is what tells the replicas of a service that are alike from those that are not.
	Version string `json:"-"`
	// Hash covers type, image, profiles, devices and all keys but those of the bookkeeping.
	Hash string
}

// AnonymousVolume is a volume for a mount point that the image declares and the service does not mention.
type AnonymousVolume struct {
	Pool string
	Name string
	// Path is where it is mounted.
	Path   string
	Config map[string]string
}

// Translate returns the server form of the instance. Its errors wrap resource.ErrConfig or a more exact sentinel and
// say what in the compose file to change.
func Translate(in Input) (*Instance, error) {
	t := &translation{Input: in, out: &Instance{
		Name:        in.IncusName,
		Type:        instanceType(in),
		Fingerprint: in.Image.Fingerprint,
		Profiles:    append([]string{}, in.Config.Profiles...), // nil would mean the default profile
		Config:      map[string]string{},
		Devices:     Devices{},
		Files:       map[string]bool{},
		Filled:      map[string]bool{},
	}}
	steps := []func() error{
		t.marks, t.process, t.user, t.orders, t.environment, t.limits, t.boot, t.health,
		t.nics, t.nameservers, t.ports, t.root, t.mounts, t.anonymousVolumes, t.raw,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	t.mountPoints()
	t.seal()
	return t.out, nil
}

// translation is one Translate under way.
type translation struct {
	Input
	out *Instance
}

// set sets a configuration key unless the value is empty.
func (t *translation) set(key, value string) {
	if value != "" {
		t.out.Config[key] = value
	}
}

// raw applies x-incus, which wins over everything generated: keys of the configuration, and keys of devices unless the
// device's type is another one.
func (t *translation) raw() error {
	for key, value := range t.Config.Incus {
		if !t.supervised() || !strings.HasPrefix(key, "oci.") || strings.HasPrefix(key, "oci.dns.") {
			t.out.Config[key] = value // what is for the process itself is in icc-init's orders
		}
	}
	for name, dev := range t.Config.IncusDevices {
		have := t.out.Devices[name]
		if have == nil || dev["type"] != "" && dev["type"] != have["type"] {
			t.out.Devices[name] = maps.Clone(dev)
			continue
		}
		maps.Copy(have, dev)
	}
	return nil
}

func instanceType(in Input) string {
	switch {
	case in.Config.Type != "":
		return in.Config.Type
	case in.Image.Type != "":
		return in.Image.Type
	}
	return "container"
}

// oci says that the instance runs one process of an OCI image; others boot an init of their own.
func (t *translation) oci() bool { return !t.Image.Native && t.out.Type == "container" }
