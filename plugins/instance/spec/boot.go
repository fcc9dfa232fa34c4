package spec

import (
	"strconv"
	"strings"
	"time"
)

// DefaultGrace is how long a stop waits before it kills, unless the service says otherwise. It is Docker's.
const DefaultGrace = 10 * time.Second

// KeyGrace holds the grace period in seconds; the server honours it when the host goes down, icc on every stop.
const KeyGrace = "boot.host_shutdown_timeout"

// bootPriorities is the highest boot.autostart.priority; services that others depend on start first.
const bootPriorities = 1000

// boot writes what the server does on its own: restarts, and the order when the host starts and stops.
func (t *translation) boot() error {
	c := t.Config
	policy, _, _ := strings.Cut(c.Restart, ":")
	switch policy {
	case "always":
		t.set("boot.autorestart", "true")
		t.set("boot.autostart", "true")
	case "unless-stopped", "on-failure":
		// Without boot.autostart the server restores the state from before it went down, which is just that. It tells
		// no failure from a success, so "on-failure" is the same until icc-init watches the process.
		t.set("boot.autorestart", "true")
	default:
		t.set("boot.autostart", "false")
	}
	if c.Depth > 0 {
		t.set("boot.stop.priority", strconv.Itoa(c.Depth))
	}
	t.set("boot.autostart.priority", strconv.Itoa(max(0, bootPriorities-c.Depth)))
	t.set(KeyGrace, strconv.Itoa(graceSeconds(c.StopGracePeriod)))
	return nil
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
	n, err := strconv.Atoi(config[KeyGrace])
	if err != nil || n < 0 {
		return DefaultGrace
	}
	return time.Duration(n) * time.Second
}
