package spec

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// busybox is a small image.
func busybox() kinds.ImageOutputs {
	return kinds.ImageOutputs{
		Fingerprint: "fingerprint-of-busybox", Digest: "sha256:b", Reference: "docker.io/library/busybox:1", Type: "container",
		Process: &kinds.ImageProcess{Cmd: []string{"sh"}, Env: []string{"PATH=/bin"}},
	}
}

// redis is an image with all sorts of things.
func redis() kinds.ImageOutputs {
	return kinds.ImageOutputs{
		Fingerprint: "fingerprint-of-redis", Digest: "sha256:r", Reference: "docker.io/library/redis:8", Type: "container",
		Process: &kinds.ImageProcess{
			Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"redis-server"}, Env: []string{"PATH=/usr/bin:/bin", "REDIS_VERSION=8"},
			WorkingDir: "/data", Volumes: []string{"/data", "/extra"},
			Healthcheck: &kinds.Healthcheck{Test: []string{"CMD", "redis-cli", "ping"}, Interval: 10 * time.Second},
		},
	}
}

// in returns the input for a service of the project shop.
func in(service string, image kinds.ImageOutputs, change func(*Input)) Input {
	i := Input{
		Name: service + "-1", IncusName: "shop-" + service + "-1", Image: image,
		Config: kinds.InstanceConfig{Project: "shop", Service: service, Number: 1, Image: image.Reference},
		Host: Host{Pool: "default", Runtime: RuntimeVolume{Pool: "default", Name: "shop_runtime"}, AnonymousVolume: func(service string, _ int, path string) string {
			return "anonymous-" + service + "-" + filepath.Base(path)
		}},
	}
	if change != nil {
		change(&i)
	}
	return i
}

func goldenCases() map[string]Input {
	return map[string]Input{
		"minimal": in("web", busybox(), nil),
		"image":   in("cache", redis(), nil),
		"process": in("web", redis(), func(i *Input) {
			c := &i.Config
			c.Command, c.CommandSet = []string{"redis-server", "--save", "60 1", "it's"}, true
			c.User, c.WorkingDir, c.Hostname = "1000:1000", "/srv", "inner"
			c.Environment = map[string]string{"REDIS_VERSION": "mine", "A": "b c"}
			c.Labels = map[string]string{"com.example.team": "a"}
			c.Annotations = map[string]string{"note": "x"}
			c.OneOff = true
		}),
		"off": in("web", redis(), func(i *Input) {
			c := &i.Config
			c.Init, c.Restart, c.StopSignal, c.StopGracePeriod = kinds.InitOff, "on-failure:3", "INT", time.Minute
			c.Command, c.CommandSet = []string{"redis-server", "--save", "60 1", "it's"}, true
			c.User, c.WorkingDir = "redis:999", "/srv"
			c.Limits.OOMScore = -500
		}),
		"orders": in("web", redis(), func(i *Input) {
			c := &i.Config
			c.Entrypoint, c.EntrypointSet = []string{"sh", "-c", "echo 'both' \"kinds\"\nof quotes", ""}, true
			c.User, c.GroupAdd = "redis:staff", []string{"audio", "7"}
			c.Environment = map[string]string{"EMPTY": "", "LINES": "one\ntwo", "PLAIN": "x"}
			c.Hostname, c.Domainname, c.DNSOptions = "inner", "example.com", []string{"ndots:2"}
			c.Networks = []kinds.NIC{{Network: "inner"}, {Network: "front", Gateway: true}}
			c.ExtraHosts = []string{"db=10.0.0.1", "host.docker.internal=host-gateway"}
			c.ReadOnly, c.CapAdd, c.CapDrop, c.NoNewPrivileges, c.Umask = true, []string{"NET_ADMIN"}, []string{"ALL"}, true, "027"
			c.Limits.OOMScore, c.TTY, c.StdinOpen, c.AwaitAttach = -500, true, true, true
			c.StopSignal, c.StopGracePeriod = "SIGINT", 90*time.Second
			c.Restart, c.RestartDelay, c.RestartWindow = "on-failure:3", time.Second, time.Minute
			c.Healthcheck = &kinds.Healthcheck{Interval: time.Second}
			c.Logging = kinds.Logging{MaxSize: 1 << 20, MaxFiles: 2}
			c.PostStart = []kinds.Hook{{Command: []string{"touch", "/x"}, User: "root", WorkingDir: "/tmp", Environment: map[string]string{"B": "2", "A": "1"}}}
			c.PreStop = []kinds.Hook{{Command: []string{"sync"}}}
			i.Networks = map[string]kinds.NetworkOutputs{
				"inner": {IncusName: "icc1", IPv4: "10.0.1.1/24", Managed: true, Internal: true, Addresses: map[string]kinds.Address{"web-1": {IPv4: "10.0.1.7"}}},
				"front": {IncusName: "icc2", IPv4: "10.0.2.1/24", Managed: true, Addresses: map[string]kinds.Address{"web-1": {IPv4: "10.0.2.7"}}},
			}
		}),
		"takeover": in("os", busybox(), func(i *Input) {
			i.Image.Process = &kinds.ImageProcess{Cmd: []string{"/sbin/init"}, StopSignal: "SIGRTMIN+3", User: "root"}
			i.Config.Restart = "unless-stopped"
		}),
		"own s6-init": in("os", busybox(), func(i *Input) {
			i.Image.Process = &kinds.ImageProcess{Entrypoint: []string{"/s6-init"}, Cmd: []string{"serve"}, StopSignal: "SIGTERM"}
		}),
		"unknown image": in("web", busybox(), func(i *Input) { i.Image.Process = nil }),
		"raw entrypoint": in("web", busybox(), func(i *Input) {
			i.Config.Incus = map[string]string{"oci.entrypoint": "/mine", "oci.uid": "5"}
		}),
		"raw process": in("web", busybox(), func(i *Input) {
			i.Config.User, i.Config.WorkingDir = "www", "/srv"
			i.Config.Incus = map[string]string{"oci.uid": "5", "oci.gid": "6", "environment.X": "mine"}
		}),
		"limits": in("web", busybox(), func(i *Input) {
			c := &i.Config
			c.Limits = kinds.Limits{CPUs: 0.5, CPUSet: "1", Memory: 64 << 20, MemorySwap: 96 << 20, PIDs: 50, ShmSize: 1 << 20, RootSize: 1 << 30, OOMScore: -500}
			c.Ulimits = map[string]string{"nofile": "1000:2000", "memlock": "-1"}
			c.Sysctls = map[string]string{"net.core.somaxconn": "1024"}
			c.Privileged = true
		}),
		"boot": in("web", busybox(), func(i *Input) {
			c := &i.Config
			c.Restart, c.StopGracePeriod, c.Depth = "always", 1500*time.Millisecond, 2
			i.DependsOn = []resource.Edge{
				{To: resource.Ref{Kind: resource.KindInstance, Name: "db-1"}, Condition: resource.ConditionHealthy},
				{To: resource.Ref{Kind: resource.KindImage, Name: "busybox"}},
			}
		}),
		"networks": in("web", busybox(), func(i *Input) {
			c := &i.Config
			c.Networks = []kinds.NIC{
				{Network: "inner"}, {Network: "front", Gateway: true, MACAddress: "02:00:00:00:00:01"}, {Network: "lan", Interface: "lan0"}, {Network: "shared"},
			}
			c.DNS, c.DNSSearch = []string{"9.9.9.9", "8.8.8.8"}, []string{"example.com"}
			i.Networks = map[string]kinds.NetworkOutputs{
				"inner": {IncusName: "icc1", IPv4: "10.0.1.1/24", Managed: true, Internal: true, Addresses: map[string]kinds.Address{"web-1": {IPv4: "10.0.1.7"}}},
				"front": {IncusName: "icc2", IPv4: "10.0.2.1/24", IPv6: "fd00::1/64", Managed: true, NIC: map[string]string{"security.port_isolation": "true"},
					Addresses: map[string]kinds.Address{"web-1": {IPv4: "10.0.2.7", IPv6: "fd00::7"}}},
				"lan": {IncusName: "br0"},
				"shared": {IncusName: "incusbr0", IPv4: "10.0.3.1/24", Managed: true, External: true, DHCP: true,
					Addresses: map[string]kinds.Address{"web-1": {IPv4: "10.0.3.7"}}},
			}
		}),
		"ports": in("web", busybox(), func(i *Input) {
			i.Host.IPv6 = true
			i.Config.Ports = []kinds.Port{
				{Protocol: "tcp", Published: 8080, Target: 80}, {Protocol: "udp", Published: 8080, Target: 80},
				{Protocol: "tcp", HostIP: "127.0.0.1", Published: 8080, Target: 80}, {Protocol: "tcp", HostIP: "::1", Published: 9000, Target: 90, Count: 3},
				{Protocol: "tcp", Target: 70, Count: 2}, {Protocol: "tcp", Published: 7000, Target: 7, NAT: true},
			}
		}),
		"mounts": in("web", redis(), func(i *Input) {
			i.Config.User = "redis"
			i.Config.Mounts = []kinds.Mount{
				{Type: kinds.MountVolume, Source: "data", Target: "/data"}, {Type: kinds.MountVolume, Source: "data", Target: "/again/", NoCopy: true, ReadOnly: true},
				{Type: kinds.MountBind, Source: "/srv/x", Target: "/x", Recursive: true, Propagation: "rslave"},
				{Type: kinds.MountTmpfs, Target: "/run/y", Size: 4096, Mode: 0o700},
				{Type: kinds.MountVolume, Source: "files", Subpath: "web/key", Target: "/run/secrets/key", ReadOnly: true, Secret: true},
				{Type: kinds.MountTmpfs, Target: "/dev/shm"},
			}
			i.Config.Limits.ShmSize = 1 << 20
			i.Volumes = map[string]kinds.VolumeOutputs{"data": {Pool: "fast", IncusName: "shop_data"}, "files": {Pool: "default", IncusName: "shop_files"}}
		}),
		"raw": in("web", busybox(), func(i *Input) {
			i.Config.Incus = map[string]string{"limits.cpu": "2", "oci.cwd": "/mine"}
			i.Config.IncusDevices = map[string]map[string]string{"root": {"size": "5GiB"}, "gpu": {"type": "gpu"}}
			i.Config.Profiles = []string{"fast"}
		}),
		"native": in("vm", kinds.ImageOutputs{Fingerprint: "f", Reference: "images:debian/13", Native: true, Type: "virtual-machine"}, func(i *Input) {
			i.Config.Networks = []kinds.NIC{{Network: "front", Gateway: true}}
			i.Networks = map[string]kinds.NetworkOutputs{
				"front": {IncusName: "icc2", IPv4: "10.0.2.1/24", Managed: true, Addresses: map[string]kinds.Address{"vm-1": {IPv4: "10.0.2.7"}}},
			}
		}),
	}
}

func TestTranslationsAreTheGoldenOnes(t *testing.T) {
	t.Parallel()
	for name, input := range goldenCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Translate(input)
			if err != nil {
				t.Fatal(err)
			}
			var buf bytes.Buffer
			enc := json.NewEncoder(&buf)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(got); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".golden.json")
			if *update {
				if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), buf.String()); diff != "" {
				t.Errorf("run with -update if this is meant (-want +got):\n%s", diff)
			}
		})
	}
}
