package supervise

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/control"
	"github.com/icc-project/icc/cmd/icc-init/launch"
	"github.com/icc-project/icc/sdk/initspec"
)

// outcome is how one run of the command ended.
type outcome struct {
	at     time.Time
	ran    time.Duration
	code   int
	signal syscall.Signal // 0 when it exited
	reason string
	text   string
}

// ended reads a wait status. OOMKills are the container's before and after the run.
func ended(status syscall.WaitStatus, ran time.Duration, killsBefore, killsAfter int64) outcome {
	o := outcome{at: time.Now(), ran: ran, code: status.ExitStatus(), reason: initspec.ReasonExited}
	if status.Signaled() {
		o.signal = status.Signal()
		o.code = 128 + int(o.signal)
		o.reason = initspec.ReasonSignal
		if o.signal == syscall.SIGKILL && killsAfter > killsBefore {
			o.reason = initspec.ReasonOOM
		}
	}
	return o
}

// notStarted is the outcome of a start that failed.
func notStarted(err error) outcome {
	o := outcome{at: time.Now(), code: launch.CodeCannotRun, reason: initspec.ReasonStartFailed, text: err.Error()}
	if f := (&launch.Failure{}); errors.As(err, &f) {
		o.code = f.Code
	}
	return o
}

// record puts the outcome into the state.
func (o outcome) record(s *initspec.State) {
	s.PID = 0
	s.FinishedAt, s.ExitCode, s.Reason, s.Error, s.Signal = o.at.UTC(), o.code, o.reason, o.text, ""
	if o.signal != 0 {
		s.Signal = control.SignalName(o.signal)
	}
}

// oomKills counts the processes that the kernel has killed for want of memory in this container, as far as it tells.
func oomKills() int64 {
	events, err := os.ReadFile("/sys/fs/cgroup/memory.events")
	if err != nil {
		return 0
	}
	return countKills(string(events))
}

func countKills(events string) int64 {
	for line := range strings.Lines(events) {
		if value, ok := strings.CutPrefix(line, "oom_kill "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n
		}
	}
	return 0
}
