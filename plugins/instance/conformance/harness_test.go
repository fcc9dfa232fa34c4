//go:build incus

package conformance

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/provider"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

// lab is one Compose project in an Incus project of its own.
type lab struct {
	t        *testing.T
	host     testbed.Host
	server   incus.InstanceServer
	provider *provider.Provider
	project  string
	outputs  map[resource.Ref]json.RawMessage
	networks []string
	cache    string
}

// newLab makes the project and removes it with everything in it when the test ends.
func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, host: testbed.Env(t), project: strings.ToLower("t" + naming.RandString(8)), outputs: map[resource.Ref]json.RawMessage{}, cache: t.TempDir()}
	root := l.host.Incus(t)
	err := root.CreateProject(api.ProjectsPost{Name: l.project, ProjectPut: api.ProjectPut{Config: map[string]string{
		"features.images": "false", "features.networks": "false", "features.profiles": "true", "features.storage.volumes": "true",
	}}})
	if err != nil {
		t.Fatalf("creating the project: %v", err)
	}
	l.server = root.UseProject(l.project)
	t.Cleanup(func() { l.clean(root) })
	l.provider = l.newProvider(nil)
	return l
}

// newProvider returns a provider as a newly started plugin would have it.
func (l *lab) newProvider(change func(*sdk.Settings)) *provider.Provider {
	l.t.Helper()
	s := sdk.Settings{
		IncusSocket: l.host.Socket, IncusProject: l.project, ProjectOwned: true,
		ComposeProject: l.project, StoragePool: "default", CacheDir: l.cache,
	}
	if change != nil {
		change(&s)
	}
	p := plugin()
	if err := p.Configure(l.t.Context(), s); err != nil {
		l.t.Fatalf("configuring the provider: %v", err)
	}
	return p
}

// removed tries to stop and delete an instance.
func (l *lab) removed(name string) bool {
	if op, err := l.server.UpdateInstanceState(name, api.InstanceStatePut{Action: "stop", Force: true}, ""); err == nil {
		_ = op.Wait() // it may be stopped already
	}
	op, err := l.server.DeleteInstance(name)
	if err == nil {
		err = op.Wait()
	}
	return err == nil
}

// clean is no test of the provider: it works whatever the test has left.
func (l *lab) clean(root incus.InstanceServer) {
	instances, err := l.server.GetInstances(api.InstanceTypeAny)
	if err != nil {
		l.t.Errorf("listing instances to remove: %v", err)
	}
	for _, inst := range instances {
		// One that ends by itself at this moment can be stopped no more and deleted not yet.
		eventually(l.t, "instance "+inst.Name+" is removed", func() bool { return l.removed(inst.Name) })
	}
	volumes, err := l.server.GetStoragePoolVolumes("default")
	if err != nil {
		l.t.Errorf("listing volumes to remove: %v", err)
	}
	for _, v := range volumes {
		if v.Type != "custom" || v.Project != l.project {
			continue
		}
		if err := l.server.DeleteStoragePoolVolume("default", "custom", v.Name); err != nil {
			l.t.Errorf("removing volume %s: %v", v.Name, err)
		}
	}
	if err := root.DeleteProject(l.project); err != nil {
		l.t.Errorf("removing the project: %v", err)
	}
	for _, name := range l.networks {
		if err := root.DeleteNetwork(name); err != nil {
			l.t.Errorf("removing network %s: %v", name, err)
		}
	}
}

// images pulls each image once for the whole package.
var images = struct { //nolint:gochecknoglobals // a cache of what the server has
	sync.Mutex
	found map[string]kinds.ImageOutputs
}{found: map[string]kinds.ImageOutputs{}}

// image makes an image of the registry available and puts out what the image plugin would.
func (l *lab) image(name string) kinds.ImageOutputs {
	l.t.Helper()
	images.Lock()
	defer images.Unlock()
	out, ok := images.found[name]
	if !ok {
		out = kinds.ImageOutputs{Reference: "docker.io/library/" + name, Type: "container", Fingerprint: l.pull(name), Process: l.imageProcess(name)}
		images.found[name] = out
	}
	l.put(resource.Ref{Kind: resource.KindImage, Name: name}, out)
	return out
}

func (l *lab) pull(name string) string {
	l.t.Helper()
	op, err := l.server.CreateImage(api.ImagesPost{Source: &api.ImagesPostSource{
		ImageSource: api.ImageSource{Alias: name, Protocol: "oci", Server: "https://127.0.0.1:5000"}, Type: "image", Mode: "pull",
	}}, nil)
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		l.t.Fatalf("pulling %s: %v", name, err)
	}
	fingerprint, _ := op.Get().Metadata["fingerprint"].(string)
	return fingerprint
}

func (l *lab) imageProcess(name string) *kinds.ImageProcess {
	l.t.Helper()
	var config struct {
		Config struct {
			Entrypoint, Cmd, Env         []string
			User, WorkingDir, StopSignal string
			Volumes, ExposedPorts        map[string]struct{}
		} `json:"config"`
	}
	raw := l.host.Output(l.t, "skopeo", "inspect", "--config", "docker://127.0.0.1:5000/"+name)
	if err := json.Unmarshal([]byte(raw), &config); err != nil {
		l.t.Fatalf("reading the configuration of %s: %v", name, err)
	}
	c := config.Config
	p := &kinds.ImageProcess{Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: c.Env, User: c.User, WorkingDir: c.WorkingDir, StopSignal: c.StopSignal}
	for v := range c.Volumes {
		p.Volumes = append(p.Volumes, v)
	}
	return p
}

// volume makes an empty volume and puts out what the volume plugin would.
func (l *lab) volume(name string) kinds.VolumeOutputs {
	l.t.Helper()
	err := l.server.CreateStoragePoolVolume("default", api.StorageVolumesPost{
		Name: name, Type: "custom", ContentType: "filesystem",
		StorageVolumePut: api.StorageVolumePut{Config: map[string]string{"security.shifted": "true"}},
	})
	if err != nil {
		l.t.Fatalf("creating volume %s: %v", name, err)
	}
	out := kinds.VolumeOutputs{Pool: "default", IncusName: name}
	l.put(resource.Ref{Kind: resource.KindStorageVolume, Name: name}, out)
	return out
}

// network makes a bridge and puts out what the network plugin would. Bridges are the server's, so each needs a subnet
// of its own.
func (l *lab) network(key, subnet string, addresses map[string]kinds.Address) kinds.NetworkOutputs {
	l.t.Helper()
	name := "t" + strings.ToLower(naming.RandString(8))
	root := l.host.Incus(l.t)
	eventually(l.t, "network "+name+" is created", func() bool {
		err := root.CreateNetwork(api.NetworksPost{Name: name, Type: "bridge", NetworkPut: api.NetworkPut{Config: map[string]string{
			"ipv4.address": subnet + ".1/24", "ipv6.address": "none",
		}}})
		if err != nil && !strings.Contains(strings.ToLower(err.Error()), "address already in use") { // a DNS server that is just ending
			l.t.Fatalf("creating network %s: %v", name, err)
		}
		return err == nil
	})
	l.networks = append(l.networks, name)
	out := kinds.NetworkOutputs{IncusName: name, IPv4: subnet + ".1/24", Managed: true, Addresses: addresses}
	l.put(resource.Ref{Kind: resource.KindNetwork, Name: key}, out)
	return out
}

func (l *lab) put(ref resource.Ref, outputs any) {
	l.t.Helper()
	raw, err := json.Marshal(outputs)
	if err != nil {
		l.t.Fatal(err)
	}
	l.outputs[ref] = raw
}

// sink records what an action reports.
type sink struct {
	mu      sync.Mutex
	out     bytes.Buffer
	notices []string
}

func (s *sink) Progress(resource.Progress) {}

func (s *sink) Output(_ resource.Stream, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.Write(data)
}

func (s *sink) Notice(level resource.Level, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices = append(s.notices, string(level)+": "+text)
}

func (s *sink) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// What is awaited is looked at every pause, and has failed after the patience.
const (
	patience = time.Minute
	pause    = 20 * time.Millisecond
)

// eventually fails the test when cond does not become true in time.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !cond(); time.Sleep(pause) {
		if time.Now().After(until) {
			t.Fatalf("not in time: %s", what)
		}
	}
}
