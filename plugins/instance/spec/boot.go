package spec

import (
	"strconv"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
)

// DefaultGrace is how long a stop waits before it kills, unless the service says otherwise. It is Docker's.
const DefaultGrace = 10 * time.Second

// KeyGrace holds the grace period in seconds; the server honours it when the host goes down, icc on every stop.
const KeyGrace = "boot.host_shutdown_timeout"

// KeyRestart has the restart policy of an instance without icc-init, in Compose's words, for a health daemon.
const KeyRestart = "user.icc.restart"

// bootPriorities is the highest boot.autostart.priority; services that others depend on start first.
const bootPriorities = 1000

// boot writes what the server does on its own: restarts, and the order when the host starts and stops.
func (t *translation) boot() error {
	c := t.Config
	policy, _, _ := strings.Cut(c.Restart, ":")
	switch policy {
	case "always":
		t.set("boot.autostart", "true")
		t.autorestart()
	case "unless-stopped", "on-failure":
		// Without boot.autostart the server restores the state from before it went down, which is just that.
		t.autorestart()
	default:
		t.set("boot.autostart", "false")
	}
	if c.Depth > 0 {
		t.set("boot.stop.priority", strconv.Itoa(c.Depth))
	}
	t.set("boot.autostart.priority", strconv.Itoa(max(0, bootPriorities-c.Depth)))
	t.hostGrace(graceSeconds(c.StopGracePeriod))
	return nil
}

const (
	// hostMargin is how many seconds longer than the grace period the host waits, so that icc-init kills before it does.
	hostMargin = 2
	// hostDefault is how many seconds the host waits unless told otherwise.
	hostDefault = 30
)

// hostGrace writes how long the host waits for the instance when it goes down. Below icc-init the key is left out where
// it changes nothing for the better, because restricted projects forbid it.
func (t *translation) hostGrace(grace int) {
	switch {
	case !t.supervised():
		t.set(KeyGrace, strconv.Itoa(grace))
	case grace+hostMargin > hostDefault:
		t.set(KeyGrace, strconv.Itoa(grace+hostMargin))
	}
}

// autorestart has the server start the instance again, which icc-init does better: the server tells no failure from a
// success and gives up after ten times. From there on a health daemon goes by the policy.
func (t *translation) autorestart() {
	if t.supervised() {
		return
	}
	t.set("boot.autorestart", "true")
	t.set(KeyRestart, t.Config.Restart)
}

// restart is the policy for icc-init. The difference between always and unless-stopped is about the host's boot.
func restart(c kinds.InstanceConfig) initspec.Restart {
	policy, count, _ := strings.Cut(c.Restart, ":")
	r := initspec.Restart{Delay: c.RestartDelay, Window: c.RestartWindow}
	switch policy {
	case "always", "unless-stopped":
		r.Policy = initspec.RestartAlways
	case "on-failure":
		r.Policy = initspec.RestartOnFailure
	default:
		return initspec.Restart{}
	}
	r.MaxAttempts, _ = strconv.Atoi(count) // core has checked it
	return r
}

// graceSeconds rounds up: less than a second still is a chance to end.
func graceSeconds(d time.Duration) int {
	if d <= 0 {
		d = DefaultGrace
	}
	return int((d + time.Second - 1) / time.Second)
}

// Grace reads the grace period back from an instance's configuration.
func Grace(config map[string]string) time.Duration {
	if s := Orders(config); s != nil {
		if s.Grace != nil {
			return *s.Grace
		}
		return DefaultGrace
	}
	n, err := strconv.Atoi(config[KeyGrace])
	if err != nil || n < 0 {
		return DefaultGrace
	}
	return time.Duration(n) * time.Second
}
