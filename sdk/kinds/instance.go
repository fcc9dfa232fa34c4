package kinds

import "time"

// InstanceConfig declares one replica of a service. Name in the declaration is "<service>-<number>".
type InstanceConfig struct {
	Project string `json:"project"` // Compose project
	Service string `json:"service"`
	Number  int    `json:"number"` // from 1
	OneOff  bool   `json:"oneoff,omitempty"`
	// Type is "container" or "virtual-machine".
	Type string `json:"type,omitempty"`
	// Image is the name of the image resource.
	Image string `json:"image"`
	// ContainerName is Compose's container_name, empty for the default.
	ContainerName string `json:"container_name,omitempty"`
	Hostname      string `json:"hostname,omitempty"`
	Domainname    string `json:"domainname,omitempty"`
	// Entrypoint and Command are nil when the image's own are wanted; an Entrypoint drops the image's command.
	Entrypoint []string `json:"entrypoint,omitempty"`
	Command    []string `json:"command,omitempty"`
	// EntrypointSet and CommandSet tell an empty list from none at all.
	EntrypointSet bool   `json:"entrypoint_set,omitempty"`
	CommandSet    bool   `json:"command_set,omitempty"`
	WorkingDir    string `json:"working_dir,omitempty"`
	// User is "user[:group]", by name or number.
	User        string            `json:"user,omitempty"`
	GroupAdd    []string          `json:"group_add,omitempty"`
	Environment map[string]string `json:"environment,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	// Networks is in the order of the NICs: the first is eth0.
	Networks []NIC `json:"networks,omitempty"`
	// NetworkMode is "" or "none".
	NetworkMode string            `json:"network_mode,omitempty"`
	DNS         []string          `json:"dns,omitempty"`
	DNSSearch   []string          `json:"dns_search,omitempty"`
	DNSOptions  []string          `json:"dns_opt,omitempty"`
	ExtraHosts  []string          `json:"extra_hosts,omitempty"` // "name=address"
	Ports       []Port            `json:"ports,omitempty"`
	Expose      []string          `json:"expose,omitempty"`
	Mounts      []Mount           `json:"mounts,omitempty"`
	Limits      Limits            `json:"limits,omitzero"`
	Ulimits     map[string]string `json:"ulimits,omitempty"` // "soft:hard" or "limit"
	Sysctls     map[string]string `json:"sysctls,omitempty"`
	Privileged  bool              `json:"privileged,omitempty"`
	TTY         bool              `json:"tty,omitempty"`
	StdinOpen   bool              `json:"stdin_open,omitempty"`
	// Restart is Compose's policy: "no", "always", "unless-stopped" or "on-failure"; ":N" bounds the restarts of "always"
	// and "on-failure".
	Restart     string       `json:"restart,omitempty"`
	Healthcheck *Healthcheck `json:"healthcheck,omitempty"`
	StopSignal  string       `json:"stop_signal,omitempty"`
	// StopGracePeriod is how long a stop waits before it kills; 0 means 10 s.
	StopGracePeriod time.Duration `json:"stop_grace_period,omitempty"`
	// Init says who is PID 1: "" means icc-init, InitTakeover the command itself, InitOff Incus' own way without icc-init.
	Init string `json:"init,omitempty"`
	// NoResolver keeps icc-init from answering questions of DNS on the loopback: the service needs its port 53.
	NoResolver bool `json:"no_resolver,omitempty"`
	// RestartDelay and RestartWindow are those of deploy.restart_policy; 0 means Docker's back-off.
	RestartDelay    time.Duration `json:"restart_delay,omitempty"`
	RestartWindow   time.Duration `json:"restart_window,omitempty"`
	ReadOnly        bool          `json:"read_only,omitempty"` // the root file system
	CapAdd          []string      `json:"cap_add,omitempty"`
	CapDrop         []string      `json:"cap_drop,omitempty"`
	NoNewPrivileges bool          `json:"no_new_privileges,omitempty"`
	Umask           string        `json:"umask,omitempty"` // octal digits
	Logging         Logging       `json:"logging,omitzero"`
	PostStart       []Hook        `json:"post_start,omitempty"`
	PreStop         []Hook        `json:"pre_stop,omitempty"`
	// AwaitAttach holds the command back until somebody is attached, for `icc run`.
	AwaitAttach bool `json:"await_attach,omitempty"`
	// DependsOn is for the server's boot order and for dependents' restarts; the edges are in the declaration.
	DependsOn []string `json:"depends_on,omitempty"`
	// Depth is the service's distance from the services that depend on nothing, for the server's boot order.
	Depth int `json:"depth,omitempty"`
	// Incus and IncusDevices are the raw configuration and devices of x-incus; they win over everything generated.
	Incus        map[string]string            `json:"incus,omitempty"`
	IncusDevices map[string]map[string]string `json:"incus_devices,omitempty"`
	Profiles     []string                     `json:"profiles,omitempty"`
}

// Values of InstanceConfig.Init.
const (
	InitTakeover = "takeover"
	InitOff      = "off"
)

// Logging bounds the log that icc-init keeps. Zero values mean icc-init's own: 20 MB and 5 files.
type Logging struct {
	Disabled bool  `json:"disabled,omitempty"`
	MaxSize  int64 `json:"max_size,omitempty"` // bytes of one file
	MaxFiles int   `json:"max_files,omitempty"`
}

// Hook is a command that is run in the instance after its start or before its stop.
type Hook struct {
	Command     []string          `json:"command"`
	User        string            `json:"user,omitempty"`
	WorkingDir  string            `json:"working_dir,omitempty"`
	Environment map[string]string `json:"environment,omitempty"`
}

// NIC is an instance's place on a network.
type NIC struct {
	// Network is the name of the network resource.
	Network string `json:"network"`
	// Interface is the name inside the instance; empty means ethN.
	Interface  string   `json:"interface,omitempty"`
	Aliases    []string `json:"aliases,omitempty"`
	IPv4       string   `json:"ipv4,omitempty"` // wanted address
	IPv6       string   `json:"ipv6,omitempty"`
	MACAddress string   `json:"mac_address,omitempty"`
	// Gateway says that default routes go through this network.
	Gateway bool              `json:"gateway,omitempty"`
	Incus   map[string]string `json:"incus,omitempty"`
}

// Port is a published port or range. A range publishes Count ports from Published to Target onwards.
type Port struct {
	Protocol  string `json:"protocol"`          // "tcp" or "udp"
	HostIP    string `json:"host_ip,omitempty"` // empty means all addresses
	Published int    `json:"published"`         // 0 means any free one
	Target    int    `json:"target"`
	Count     int    `json:"count,omitempty"` // 0 means 1
	// NAT publishes in the kernel: clients' addresses stay visible, the host's loopback does not reach it.
	NAT bool `json:"nat,omitempty"`
}

// Mount types.
const (
	MountVolume = "volume"
	MountBind   = "bind"
	MountTmpfs  = "tmpfs"
)

// Mount is something mounted into an instance.
type Mount struct {
	Type string `json:"type"`
	// Source is the name of the volume resource, or an absolute host path; empty for tmpfs.
	Source string `json:"source,omitempty"`
	Target string `json:"target"`
	// Subpath is a directory or file inside the volume.
	Subpath     string `json:"subpath,omitempty"`
	ReadOnly    bool   `json:"read_only,omitempty"`
	NoCopy      bool   `json:"nocopy,omitempty"` // do not fill an empty volume from the image
	Size        int64  `json:"size,omitempty"`   // bytes, tmpfs only
	Mode        int    `json:"mode,omitempty"`   // tmpfs only
	Propagation string `json:"propagation,omitempty"`
	Recursive   bool   `json:"recursive,omitempty"`
	// CreateHostPath makes a missing bind source.
	CreateHostPath bool `json:"create_host_path,omitempty"`
	// Secret marks mounts whose content is a secret or config of icc's files volume.
	Secret bool              `json:"secret,omitempty"`
	Incus  map[string]string `json:"incus,omitempty"`
}

// Limits are resource limits; zero means unlimited.
type Limits struct {
	CPUs      float64 `json:"cpus,omitempty"`
	CPUSet    string  `json:"cpuset,omitempty"`
	CPUShares int64   `json:"cpu_shares,omitempty"`
	Memory    int64   `json:"memory,omitempty"` // bytes
	// MemorySwap is Compose's memswap_limit: memory plus swap in bytes, -1 for unlimited swap.
	MemorySwap int64 `json:"memory_swap,omitempty"`
	PIDs       int64 `json:"pids,omitempty"`
	ShmSize    int64 `json:"shm_size,omitempty"`  // bytes
	RootSize   int64 `json:"root_size,omitempty"` // bytes
	OOMScore   int   `json:"oom_score,omitempty"`
}

// Healthcheck is how to find out whether a service works. Test is empty when the check is disabled.
type Healthcheck struct {
	// Test is as in Compose: ["CMD", …], ["CMD-SHELL", "…"] or ["NONE"].
	Test          []string      `json:"test,omitempty"`
	Interval      time.Duration `json:"interval,omitempty"`
	Timeout       time.Duration `json:"timeout,omitempty"`
	StartPeriod   time.Duration `json:"start_period,omitempty"`
	StartInterval time.Duration `json:"start_interval,omitempty"`
	Retries       int           `json:"retries,omitempty"`
	Disable       bool          `json:"disable,omitempty"`
}

// InstanceWatch is the configuration of resource.ActionWatch of instances.
type InstanceWatch struct {
	// Projects are the Compose projects to look after; empty means all that the connection may see.
	Projects []string `json:"projects,omitempty"`
}

// InstanceOutputs is what an instance puts out, and what `icc ps` shows.
type InstanceOutputs struct {
	IncusName string `json:"incus_name"`
	Service   string `json:"service"`
	Number    int    `json:"number"`
	OneOff    bool   `json:"oneoff,omitempty"`
	// Status is Incus' own word in lower case: "running", "stopped", "ready", "frozen", "error".
	Status string `json:"status"`
	Health string `json:"health,omitempty"`
	// ExitCode is nil when it is not known.
	ExitCode *int `json:"exit_code,omitempty"`
	// ExitReason is one of sdk/initspec's reasons, Error why the command could not be run.
	ExitReason string    `json:"exit_reason,omitempty"`
	Error      string    `json:"error,omitempty"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	// Restarts counts those that icc-init made since the instance's start, Restarting says that another one is due.
	Restarts   int  `json:"restarts,omitempty"`
	Restarting bool `json:"restarting,omitempty"`
	// HealthLog has the latest results of the health test, oldest first.
	HealthLog []HealthResult    `json:"health_log,omitempty"`
	Image     string            `json:"image,omitempty"`
	Command   string            `json:"command,omitempty"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	StartedAt time.Time         `json:"started_at,omitzero"` // of the last start; zero when there was none
	Ports     []Port            `json:"ports,omitempty"`
	Networks  []string          `json:"networks,omitempty"`
	Addresses map[string]string `json:"addresses,omitempty"` // by Incus network name
	Mounts    []string          `json:"mounts,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
	// Previous is the fingerprint of the image that the instance goes back to with resource.ActionRollback; empty when
	// there is nothing to go back to.
	Previous string `json:"previous,omitempty"`
	// PreviousBy says when that was left and for which version of the service: "<RFC 3339 time> <version>".
	PreviousBy string `json:"previous_by,omitempty"`
	// Unproved says that this change was not seen through by all replicas, so that the next one leaves Previous as it is.
	Unproved bool `json:"unproved,omitempty"`
	// Hash is of the configuration the instance was made from; a plan that finds it unchanged asks no more.
	Hash string `json:"hash,omitempty"`
}

// HealthResult is one run of a health test. The names in JSON are Docker's.
type HealthResult struct {
	Start    time.Time `json:"Start"`
	End      time.Time `json:"End"`
	ExitCode int       `json:"ExitCode"` // -1 when it timed out
	Output   string    `json:"Output"`
}

// The verbs that instances know beyond their actions, with the form of request and answer.
const (
	// CallKill sends a signal to the main process: KillRequest, no answer.
	CallKill = "kill"
	// CallTop lists the processes: no request, answer initspec.Processes.
	CallTop = "top"
	// CallExit blocks until the main process has ended for good: ExitRequest or none, answer Exit.
	CallExit = "exit"
)

// KillRequest is the request of CallKill.
type KillRequest struct {
	Signal string `json:"signal"` // a name with or without SIG, or a number; empty means SIGKILL
}

// ExitRequest is the request of CallExit.
type ExitRequest struct {
	// Settled waits until the server has seen the end, too, so that the instance can be started again.
	Settled bool `json:"settled,omitempty"`
}

// Exit is how a main process ended.
type Exit struct {
	Code   int    `json:"code"`
	Reason string `json:"reason,omitempty"` // see sdk/initspec
	Error  string `json:"error,omitempty"`
}
