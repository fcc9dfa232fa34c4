package initspec

import "fmt"

// Key is the configuration key of the instance that holds the Spec as JSON.
const Key = "user.icc.spec"

// Places inside the container.
const (
	// Path is where icc-init is mounted. Incus runs this name as PID 1 itself instead of below an init of LXC's.
	Path = "/s6-init"
	// Dir is the directory of icc-init's own, with the mode 0700. It is the directory named like the instance in the
	// runtime volume.
	Dir = "/.icc"
	// GuestAPI is the socket of Incus' guest API.
	GuestAPI = "/dev/incus/sock"
)

// Names inside Dir.
const (
	StateFile = "state.json"
	LogDir    = "log"
	// ControlSocket connects applets to PID 1; it is not for the outside.
	ControlSocket = "control"
)

// SegmentName returns the name of the n-th log file inside LogDir, n from 1.
func SegmentName(n uint64) string { return fmt.Sprintf("%010d.log", n) }

// SegmentNumber returns the number of a log file, and false for any other name.
func SegmentNumber(name string) (uint64, bool) {
	var n uint64
	if _, err := fmt.Sscanf(name, "%d.log", &n); err != nil || SegmentName(n) != name {
		return 0, false
	}
	return n, true
}

// Applets: `/s6-init APPLET …`, run as the container's root.
const (
	// AppletExec runs a command as the service would: exec [-d] [-u USER[:GROUP]] [-w DIR] [-e NAME=VALUE]… -- COMMAND…
	// It exits like the command; 126 means it cannot be run, 127 it does not exist (the reason is on stderr). With -d it
	// exits with 0 as soon as the command runs, which is then on its own, without input and output.
	AppletExec = "exec"
	// AppletAttach connects its stdin, stdout and stderr to the main process: attach [-i] (with stdin) [-t] (its own
	// terminal is raw, and sizes are passed on). It exits like the main process when that ends, 0 when stdin is detached.
	AppletAttach = "attach"
	// AppletKill sends a signal to the main process: kill SIGNAL (name with or without SIG, or number). After a signal
	// that ends it, the process is not started again.
	AppletKill = "kill"
	// AppletGrace sets the grace period of the stop that follows: grace MILLISECONDS.
	AppletGrace = "grace"
	// AppletWait blocks: wait healthy | wait exit. See the exit codes Wait*.
	AppletWait = "wait"
	// AppletTop prints the container's processes as the JSON of Processes.
	AppletTop = "top"
)

// Exit codes of AppletWait. When the container stops during the wait, the exec ends with any code: read the State.
const (
	WaitDone      = 0 // healthy, or ended
	WaitUnhealthy = 10
	WaitEnded     = 11 // the process ended (for good) before it was healthy
	WaitNoTest    = 12 // there is no health test
)

// Processes is what AppletTop prints; Titles are those of `ps -ef`.
type Processes struct {
	Titles    []string   `json:"titles"`
	Processes [][]string `json:"processes"`
}
