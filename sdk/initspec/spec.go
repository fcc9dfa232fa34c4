package initspec

import "time"

// Version is the version of Spec and State. icc-init refuses a spec of another version.
const Version = 1

// Spec says what icc-init is to run and how. Its zero values are Docker's defaults.
type Spec struct {
	Version int `json:"version"`
	// Argv is the command; Argv[0] is looked up in Env's PATH when it has no slash.
	Argv []string `json:"argv"`
	// Env is the whole environment as "NAME=value", any bytes but NUL.
	Env []string `json:"env,omitempty"`
	// Cwd is made when it does not exist; empty means "/".
	Cwd string `json:"cwd,omitempty"`
	// User is "user[:group]" by name or number; names are those of the image. Empty means root.
	User string `json:"user,omitempty"`
	// Groups are supplementary groups by name or number, besides those of the image's /etc/group.
	Groups []string `json:"groups,omitempty"`

	Hostname   string `json:"hostname,omitempty"`
	Domainname string `json:"domainname,omitempty"`
	// Hosts are lines for /etc/hosts: "name=address".
	Hosts []string `json:"hosts,omitempty"`
	// DNSOptions go into the options line of /etc/resolv.conf.
	DNSOptions []string `json:"dns_options,omitempty"`
	// Resolvers are the DNS servers, in the order in which they are asked, that icc-init passes questions on to. It then
	// answers at 127.0.0.11, and /etc/resolv.conf names that first. Empty means that it does nothing about DNS.
	Resolvers []string `json:"resolvers,omitempty"`

	ReadOnly        bool     `json:"read_only,omitempty"` // the root file system; mounts keep their own mode
	CapAdd          []string `json:"cap_add,omitempty"`   // names with or without CAP_, or ALL
	CapDrop         []string `json:"cap_drop,omitempty"`
	NoNewPrivileges bool     `json:"no_new_privileges,omitempty"`
	OOMScoreAdj     int      `json:"oom_score_adj,omitempty"`
	// Umask in octal digits; empty means the usual 022.
	Umask string `json:"umask,omitempty"`

	TTY   bool `json:"tty,omitempty"`
	Stdin bool `json:"stdin,omitempty"` // else the standard input is at its end
	// AwaitAttach holds the first start back until somebody is attached, so that no output is missed.
	AwaitAttach bool `json:"await_attach,omitempty"`
	// Takeover makes the command PID 1 in icc-init's place, for images with an init of their own. Logs, health and exec
	// go on working; exit codes, restarts and signals other than those of the kill applet are the command's own affair.
	Takeover bool `json:"takeover,omitempty"`

	// StopSignal is a name or number; empty means SIGTERM.
	StopSignal string `json:"stop_signal,omitempty"`
	// Grace is how long a stop waits between StopSignal and SIGKILL, nil means 10 s.
	Grace   *time.Duration `json:"grace,omitempty"`
	Restart Restart        `json:"restart,omitzero"`
	Health  *Health        `json:"health,omitempty"`
	Log     Log            `json:"log,omitzero"`

	// PostStart and PreStop are run by the instance plugin with AppletExec; icc-init ignores them.
	PostStart []Hook `json:"post_start,omitempty"`
	PreStop   []Hook `json:"pre_stop,omitempty"`
}

// Restart policies.
const (
	RestartNo        = "no"
	RestartAlways    = "always" // also Compose's unless-stopped: the difference is about the host's boot
	RestartOnFailure = "on-failure"
)

// Restart says when the command is started again after it has ended by itself.
type Restart struct {
	Policy string `json:"policy,omitempty"` // empty means RestartNo
	// MaxAttempts bounds the restarts; 0 means no bound.
	MaxAttempts int `json:"max_attempts,omitempty"`
	// Delay between end and restart. 0 means Docker's: 100 ms, doubled each time up to a minute, back to 100 ms after the
	// command has run for 10 s.
	Delay time.Duration `json:"delay,omitempty"`
	// Window is how long the command must run for the restart to count as succeeded, which resets the attempts; 0 means
	// that attempts are counted over all runs, as Docker does.
	Window time.Duration `json:"window,omitempty"`
}

// Health is a health test. Zero durations and retries mean Docker's 30 s, 30 s, 0 s, 5 s and 3.
type Health struct {
	Test          []string      `json:"test"` // ["CMD", …] or ["CMD-SHELL", "…"]
	Interval      time.Duration `json:"interval,omitempty"`
	Timeout       time.Duration `json:"timeout,omitempty"`
	StartPeriod   time.Duration `json:"start_period,omitempty"`
	StartInterval time.Duration `json:"start_interval,omitempty"`
	Retries       int           `json:"retries,omitempty"`
}

// Log bounds the log. Zero values mean 20 MB and 5 files.
type Log struct {
	Disabled bool  `json:"disabled,omitempty"` // the driver "none"
	MaxSize  int64 `json:"max_size,omitempty"` // bytes of one file
	MaxFiles int   `json:"max_files,omitempty"`
}

// Hook is a command that is run in the container at a point of its life.
type Hook struct {
	Command    []string `json:"command"`
	User       string   `json:"user,omitempty"`
	WorkingDir string   `json:"working_dir,omitempty"`
	Env        []string `json:"env,omitempty"`
}
