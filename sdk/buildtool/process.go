package buildtool

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// grace is how long a process group has to end before it is killed.
const grace = 5 * time.Second

// command is a program to run in a process group of its own.
type command struct {
	path           string
	args           []string
	env            []string // further variables
	stdout, stderr io.Writer
	patience       time.Duration // with those who are to end; 0 means grace
}

// runGroup runs a command until it and all its children have ended. When ctx ends, the whole group is told to end,
// and killed after the grace period. So it never leaves a process behind, whoever started it.
func runGroup(ctx context.Context, c command) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	cmd := exec.Command(c.path, c.args...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdout, cmd.Stderr = c.stdout, c.stderr
	// The death signal is for the case that this plugin is killed itself and can tell nobody. It reaches the tool alone;
	// the rest of the group is for the watchdog.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.WaitDelay = grace // a child in the background may keep the output open
	if err := cmd.Start(); err != nil {
		return err
	}
	group := -cmd.Process.Pid
	defer watch(cmd.Process.Pid)()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		_ = syscall.Kill(group, syscall.SIGKILL) // what the program left running in the background
		if errors.Is(err, exec.ErrWaitDelay) {
			return nil
		}
		return err
	case <-ctx.Done():
	}
	_ = syscall.Kill(group, syscall.SIGTERM)
	if !gone(group, ended, cmp.Or(c.patience, grace)) {
		_ = syscall.Kill(group, syscall.SIGKILL)
		gone(group, nil, grace)
	}
	return context.Cause(ctx)
}

// gone waits until nobody is left in a group, its leader reaped, and says whether that came true in time.
func gone(group int, ended <-chan error, patience time.Duration) bool {
	late := time.NewTimer(patience)
	defer late.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			ended = nil
		case <-late.C:
			return false
		case <-tick.C:
		}
		if ended == nil && errors.Is(syscall.Kill(group, 0), syscall.ESRCH) {
			return true
		}
	}
}
