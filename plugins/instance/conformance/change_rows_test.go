//go:build incus

package conformance

import (
	"time"

	"github.com/icc-project/icc/sdk/kinds"
)

// row is one change of a running service.
type row struct {
	// fields are those of kinds.InstanceConfig, or of what it holds, that the row is about: "Limits.Memory".
	fields []string
	change func(*kinds.InstanceConfig)
	// path is what the plan says about it, at least; its class decides the plan's.
	path string
	// probe is run inside and prints want.
	probe, want string
	// key of the server's configuration, or "device/key", has value, where a look from inside tells nothing.
	key, value string
	// hint is of the error where the server's kernel cannot do it, as that of most testbeds.
	hint string
}

func of(fields ...string) []string { return fields }

// liveRows change a service while it runs on. It begins as changing.
func liveRows() []row {
	hosts, ready := "grep -c '192.0.2.7.*seven' /etc/hosts", &kinds.Healthcheck{Test: []string{"CMD", "true"}}
	return []row{
		{fields: of("Labels"), change: func(c *kinds.InstanceConfig) { c.Labels = map[string]string{"l": "2"} },
			path: "user.label.l", key: "user.label.l", value: "2"},
		{fields: of("Annotations"), change: func(c *kinds.InstanceConfig) { c.Annotations = map[string]string{"a": "2"} },
			path: "user.annotation.a", key: "user.annotation.a", value: "2"},
		{fields: of("Depth"), change: func(c *kinds.InstanceConfig) { c.Depth = 2 }, path: "boot.autostart.priority", key: "boot.stop.priority", value: "2"},
		{fields: of("Limits.CPUs"), change: func(c *kinds.InstanceConfig) { c.Limits.CPUs = 0.5 },
			path: "limits.cpu.allowance", key: "limits.cpu.allowance", value: "50ms/100ms"},
		{fields: of("Limits.CPUShares"), change: func(c *kinds.InstanceConfig) { c.Limits.CPUs, c.Limits.CPUShares = 0, 512 },
			path: "limits.cpu.allowance", key: "limits.cpu.allowance", value: "50%"},
		{fields: of("Limits.CPUSet"), change: func(c *kinds.InstanceConfig) { c.Limits.CPUSet = "0" }, path: "limits.cpu", key: "limits.cpu", value: "0-0"},
		{fields: of("Limits.Memory"), change: func(c *kinds.InstanceConfig) { c.Limits.Memory = 128 << 20 },
			path: "limits.memory", key: "limits.memory", value: "134217728B"},
		{fields: of("Limits.MemorySwap"), change: func(c *kinds.InstanceConfig) { c.Limits.MemorySwap = 192 << 20 },
			path: "limits.memory.swap", key: "limits.memory.swap", value: "67108864B"},
		{fields: of("Limits.PIDs"), change: func(c *kinds.InstanceConfig) { c.Limits.PIDs = 77 },
			path: "limits.processes", key: "limits.processes", value: "77"},
		{fields: of("Limits.RootSize"), change: func(c *kinds.InstanceConfig) { c.Limits.RootSize = 1 << 30 },
			path: "devices.root.size", key: "root/size", value: "1073741824B"},
		{fields: of("Ports", "Port.Protocol", "Port.Published", "Port.Target", "Port.HostIP", "Port.Count", "Port.NAT"),
			change: func(c *kinds.InstanceConfig) {
				c.Ports = []kinds.Port{{Protocol: "tcp", HostIP: "127.0.0.1", Published: 18310, Target: 80, Count: 2}}
			},
			path: "devices.port-tcp-", key: "port-tcp-*/connect", value: "tcp:127.0.0.1:80-81"},
		{fields: of("Mounts", "Mount.Type", "Mount.Source", "Mount.Target", "Mount.NoCopy", "Mount.CreateHostPath"),
			change: func(c *kinds.InstanceConfig) {
				c.Mounts = append(c.Mounts, kinds.Mount{Type: kinds.MountVolume, Source: "more", Target: "/more/of/it", NoCopy: true})
			}, path: "devices.mount-more-of-it-", probe: "touch /more/of/it/x && echo yes", want: "yes\n"},
		{fields: of("Mount.Secret"), change: func(c *kinds.InstanceConfig) { c.Mounts[1].Subpath = "s/two" },
			path: "devices.mount-run-secrets-s-*.source", probe: "cat /run/secrets/s", want: "two"},
		{fields: of("Mounts"), change: func(c *kinds.InstanceConfig) { c.Mounts = c.Mounts[:2] },
			path: "devices.mount-more-of-it-", probe: "ls -A /more/of/it", want: ""},
		{fields: of("NIC.Incus"), change: func(c *kinds.InstanceConfig) { c.Networks[0].Incus = map[string]string{"limits.ingress": "10Mbit"} },
			path: "devices.eth0.limits.ingress", key: "eth0/limits.ingress", value: "10Mbit"},
		{fields: of("NIC.Incus"), change: func(c *kinds.InstanceConfig) {
			c.Networks[0].Incus = map[string]string{"security.mac_filtering": "true"}
		},
			path: "devices.eth0.security.mac_filtering", key: "eth0/security.mac_filtering", value: "true"},
		{fields: of("NIC.Incus"), change: func(c *kinds.InstanceConfig) {
			c.Networks[0].Incus = map[string]string{"security.acls": changingACL, "security.acls.default.ingress.action": "allow"}
		},
			path: "devices.eth0.security.acls", key: "eth0/security.acls", value: changingACL, hint: "nf_conntrack_bridge"},
		{fields: of("Mount.Incus"), change: func(c *kinds.InstanceConfig) { c.Mounts[0].Incus = map[string]string{"limits.read": "10MB"} },
			path: "devices.mount-data-*.limits.read", key: "mount-data-*/limits.read", value: "10MB", hint: "control group"},
		{fields: of("Incus"), change: func(c *kinds.InstanceConfig) { c.Incus = map[string]string{"user.own": "1"} }, path: "user.own", key: "user.own", value: "1"},
		{fields: of("IncusDevices"), change: func(c *kinds.InstanceConfig) {
			c.IncusDevices = map[string]map[string]string{"nothing": {"type": "none"}}
		},
			path: "devices.nothing", key: "nothing/type", value: "none"},
		{fields: of("Restart", "RestartDelay", "RestartWindow"),
			change: func(c *kinds.InstanceConfig) {
				c.Restart, c.RestartDelay, c.RestartWindow = "on-failure:3", time.Second, time.Second
			}, path: "restart"},
		{fields: of("Healthcheck", "Healthcheck.Test", "Healthcheck.Disable"), change: func(c *kinds.InstanceConfig) { c.Healthcheck = ready }, path: "healthcheck.test"},
		{fields: of("Healthcheck.Interval", "Healthcheck.Timeout", "Healthcheck.StartPeriod", "Healthcheck.StartInterval", "Healthcheck.Retries"),
			change: func(c *kinds.InstanceConfig) {
				c.Healthcheck = &kinds.Healthcheck{Test: ready.Test, Interval: time.Minute, Timeout: time.Second, StartPeriod: time.Second, StartInterval: time.Second, Retries: 7}
			}, path: "healthcheck.interval"},
		{fields: of("StopSignal"), change: func(c *kinds.InstanceConfig) { c.StopSignal = "KILL" }, path: "stop_signal"},
		{fields: of("StopGracePeriod"), change: func(c *kinds.InstanceConfig) { c.StopGracePeriod = time.Second }, path: "stop_grace_period"},
		{fields: of("Logging", "Logging.Disabled", "Logging.MaxSize", "Logging.MaxFiles"),
			change: func(c *kinds.InstanceConfig) { c.Logging = kinds.Logging{MaxSize: 1 << 20, MaxFiles: 2} }, path: "logging"},
		{fields: of("PostStart"), change: func(c *kinds.InstanceConfig) { c.PostStart = []kinds.Hook{{Command: []string{"true"}}} }, path: "post_start"},
		{fields: of("PreStop"), change: func(c *kinds.InstanceConfig) { c.PreStop = []kinds.Hook{{Command: []string{"true"}}} }, path: "pre_stop"},
		{fields: of("ExtraHosts"), change: func(c *kinds.InstanceConfig) { c.ExtraHosts = []string{"seven=192.0.2.7"} }, path: "extra_hosts", probe: hosts, want: "1\n"},
		{fields: of("DNSOptions"), change: func(c *kinds.InstanceConfig) { c.DNSOptions = []string{"ndots:3"} }, path: "dns_opt",
			probe: "grep -c ndots:3 /etc/resolv.conf", want: "1\n"},
		{fields: of("NoResolver"), change: func(c *kinds.InstanceConfig) { c.NoResolver = true }, path: "x-icc.resolver",
			probe: "grep -c 127.0.0.11 /etc/resolv.conf; grep -c :0035 /proc/net/udp", want: "0\n0\n"},
		{fields: of("NoResolver"), change: func(c *kinds.InstanceConfig) { c.NoResolver = false }, path: "x-icc.resolver",
			probe: "grep -c 127.0.0.11 /etc/resolv.conf; grep -c :0035 /proc/net/udp", want: "1\n1\n"},
	}
}

// processRows change how the process is started.
func processRows() []row {
	status := func(what string) string { return "awk '/^" + what + "/ {print $2}' /proc/$(pidof sleep)/status" }
	return []row{
		{fields: of("Environment"), change: func(c *kinds.InstanceConfig) { c.Environment = map[string]string{"MODE": "b"} },
			path: "environment.MODE", probe: "echo $MODE", want: "b\n"},
		{fields: of("Command", "CommandSet"), change: func(c *kinds.InstanceConfig) { c.Command, c.CommandSet = []string{"100001"}, true },
			path: "command", probe: "tr '\\0' ' ' < /proc/$(pidof sleep)/cmdline", want: "sleep 100000 100001 "},
		{fields: of("Entrypoint", "EntrypointSet"), change: func(c *kinds.InstanceConfig) { c.Entrypoint = []string{"sleep", "9"} },
			path: "command", probe: "tr '\\0' ' ' < /proc/$(pidof sleep)/cmdline", want: "sleep 9 100001 "},
		{fields: of("WorkingDir"), change: func(c *kinds.InstanceConfig) { c.WorkingDir = "/tmp" }, path: "working_dir", probe: "pwd", want: "/tmp\n"},
		{fields: of("GroupAdd"), change: func(c *kinds.InstanceConfig) { c.GroupAdd = []string{"77"} }, path: "group_add", probe: "id -G | tr ' ' '\\n' | grep -c '^77$'", want: "1\n"},
		{fields: of("Hostname"), change: func(c *kinds.InstanceConfig) { c.Hostname = "hugo" }, path: "hostname", probe: "hostname", want: "hugo\n"},
		{fields: of("Domainname"), change: func(c *kinds.InstanceConfig) { c.Domainname = "example.org" }, path: "domainname",
			probe: "grep -c example.org /etc/resolv.conf", want: "1\n"},
		{fields: of("TTY", "StdinOpen"), change: func(c *kinds.InstanceConfig) { c.StdinOpen = true }, path: "stdin_open"},
		{fields: of("Umask"), change: func(c *kinds.InstanceConfig) { c.Umask = "027" }, path: "umask", probe: status("Umask"), want: "0027\n"},
		{fields: of("CapDrop"), change: func(c *kinds.InstanceConfig) { c.CapDrop = []string{"NET_RAW"} }, path: "cap_drop"},
		{fields: of("CapAdd"), change: func(c *kinds.InstanceConfig) { c.CapDrop, c.CapAdd = []string{"ALL"}, []string{"CHOWN"} }, path: "cap_add",
			probe: status("CapEff"), want: "0000000000000001\n"},
		{fields: of("NoNewPrivileges"), change: func(c *kinds.InstanceConfig) { c.NoNewPrivileges = true }, path: "no-new-privileges", probe: status("NoNewPrivs"), want: "1\n"},
		{fields: of("Limits.OOMScore"), change: func(c *kinds.InstanceConfig) { c.Limits.OOMScore = 77 }, path: "oom_score_adj",
			probe: "cat /proc/$(pidof sleep)/oom_score_adj", want: "77\n"},
		{fields: of("Ulimits"), change: func(c *kinds.InstanceConfig) { c.Ulimits = map[string]string{"nofile": "512"} },
			path: "limits.kernel.nofile", probe: "ulimit -n", want: "512\n"},
		{fields: of("Sysctls"), change: func(c *kinds.InstanceConfig) {
			c.Sysctls = map[string]string{"net.ipv4.tcp_fin_timeout": "77"}
		},
			path: "linux.sysctl.net.ipv4.tcp_fin_timeout", probe: "cat /proc/sys/net/ipv4/tcp_fin_timeout", want: "77\n"},
		{fields: of("User"), change: func(c *kinds.InstanceConfig) { c.User = "1000" }, path: "user", probe: "id -u", want: "1000\n"},
		{fields: of("ReadOnly"), change: func(c *kinds.InstanceConfig) { c.User, c.ReadOnly = "0", true }, path: "read_only",
			probe: "touch /x 2>&1 | grep -c Read-only", want: "1\n"},
		{fields: of("Init"), change: func(c *kinds.InstanceConfig) { c.Init = kinds.InitTakeover }, path: "init", probe: "pidof sleep", want: "1\n"},
	}
}

// placeRows change what the process finds around it.
func placeRows() []row {
	return []row{
		{fields: of("Mount.Size", "Mount.Mode"), change: func(c *kinds.InstanceConfig) {
			c.Mounts = append(c.Mounts, kinds.Mount{Type: kinds.MountTmpfs, Target: "/scratch", Size: 1 << 20, Mode: 0o700})
		}, path: "devices.mount-scratch-", probe: "stat -c %a /scratch; df -k /scratch | awk 'END {print $2}'", want: "700\n1024\n"},
		{fields: of("Limits.ShmSize"), change: func(c *kinds.InstanceConfig) { c.Limits.ShmSize = 2 << 20 },
			path: "devices.mount-dev-shm-", probe: "df -k /dev/shm | awk 'END {print $2}'", want: "2048\n"},
		{fields: of("Mounts"), change: func(c *kinds.InstanceConfig) {
			c.Mounts = append(c.Mounts, kinds.Mount{Type: kinds.MountVolume, Source: "empty", Target: "/bin"})
		}, path: "devices.mount-bin-", probe: "ls /bin | grep -c '^busybox$'; awk '$2 == \"/bin\"' /proc/mounts | wc -l", want: "1\n1\n"},
		{fields: of("Mount.Source", "Mount.Subpath", "Mount.Recursive", "Mount.Propagation"), change: func(c *kinds.InstanceConfig) { c.Mounts[2].Source = "other" },
			path: "devices.mount-more-*.source"},
		{fields: of("Mount.ReadOnly"), change: func(c *kinds.InstanceConfig) { c.Mounts[2].ReadOnly = true },
			path: "devices.mount-more-*.readonly", probe: "touch /more/x 2>&1 | grep -c Read-only", want: "1\n"},
		{fields: of("NIC.Interface"), change: func(c *kinds.InstanceConfig) { c.Networks[0].Interface = "front" },
			path: "devices.eth0.name", probe: "ls /sys/class/net/front/address", want: "/sys/class/net/front/address\n"},
		{fields: of("NIC.MACAddress"), change: func(c *kinds.InstanceConfig) { c.Networks[0].MACAddress = "02:00:00:00:00:09" },
			path: "devices.eth0.hwaddr", probe: "cat /sys/class/net/front/address", want: "02:00:00:00:00:09\n"},
		{fields: of("NIC.Gateway"), change: func(c *kinds.InstanceConfig) { c.Networks[0].Gateway = false },
			path: "devices.eth0.ipv4.gateway", probe: "ip route | grep -c default", want: "0\n"},
		{fields: of("Networks", "NIC.Network", "NIC.IPv4", "NIC.IPv6", "NetworkMode"), change: func(c *kinds.InstanceConfig) {
			c.Networks = append(c.Networks, kinds.NIC{Network: "back"})
		}, path: "devices.eth1", probe: "ip -o -4 addr show eth1 | awk '{print $4}'", want: "10.201.32.10/24\n"},
		{fields: of("Networks"), change: func(c *kinds.InstanceConfig) { c.Networks = c.Networks[:1] }, path: "devices.eth1",
			probe: "ls /sys/class/net | grep -c eth1", want: "0\n"},
		{fields: of("DNS"), change: func(c *kinds.InstanceConfig) { c.DNS = []string{"192.0.2.53"} }, path: "oci.dns.nameservers",
			probe: "grep -c 192.0.2.53 /etc/resolv.conf", want: "1\n"},
		{fields: of("DNSSearch"), change: func(c *kinds.InstanceConfig) { c.DNSSearch = []string{"example.net"} }, path: "oci.dns.search",
			probe: "grep -c example.net /etc/resolv.conf", want: "1\n"},
		{fields: of("Profiles"), change: func(c *kinds.InstanceConfig) { c.Profiles = []string{"default"} }, path: "profiles"},
		{fields: of("Incus"), change: func(c *kinds.InstanceConfig) { c.Incus = map[string]string{"security.nesting": "true"} }, path: "security.nesting",
			key: "security.nesting", value: "true"},
	}
}

// recreatedRows have the instance made anew.
func recreatedRows() []row {
	owner := "stat -c %u /proc/1/root/bin/busybox; awk '{print $3}' /proc/self/uid_map"
	return []row{
		{fields: of("Privileged"), change: func(c *kinds.InstanceConfig) { c.Privileged = true }, path: "security.privileged",
			probe: owner, want: "0\n4294967295\n"},
		{fields: of("Privileged"), change: func(c *kinds.InstanceConfig) { c.Privileged = false }, path: "security.privileged",
			key: "security.privileged", value: ""},
		{fields: of("Init"), change: func(c *kinds.InstanceConfig) { c.Init = kinds.InitOff }, path: "init", key: "user.icc.spec", value: ""},
	}
}

// changingACL is the name of an ACL that a card of a liveRows service gets.
const changingACL = "changing"

// unchangeable are the fields without a row, and why.
func unchangeable() map[string]string {
	return map[string]string{
		"Project": "another project's instance", "Service": "another service's", "Number": "another replica", "ContainerName": "another instance",
		"OneOff": "icc run makes them and never changes them", "AwaitAttach": "of icc run, too",
		"Type": "an OCI image is a container", "Image": "see the tests of rebuilding", "Expose": "nothing on the server", "DependsOn": "nothing: the edges are in the declaration", "NIC.Aliases": "the network's",
	}
}

// changing is the service that a row begins with, by the class that its rows have.
func (l *lab) changing(name, subnet string) kinds.InstanceConfig {
	address := map[string]kinds.Address{ref(kinds.InstanceConfig{Service: name, Number: 1}).Name: {IPv4: subnet + ".10"}}
	l.network("front", subnet, address)
	for _, volume := range []string{"data", "more", "other", "empty"} {
		l.volume(volume)
	}
	l.secretFiles("files", map[string]string{"s/one": "one", "s/two": "two"})
	c := l.sleeper(name)
	c.Environment, c.Labels = map[string]string{"MODE": "a"}, map[string]string{"l": "1"}
	c.NetworkMode, c.Networks = "", []kinds.NIC{{Network: "front", Gateway: true}}
	c.Mounts = []kinds.Mount{
		{Type: kinds.MountVolume, Source: "data", Target: "/data"},
		{Type: kinds.MountVolume, Source: "files", Subpath: "s/one", Target: "/run/secrets/s", ReadOnly: true, NoCopy: true, Secret: true},
	}
	return c
}
