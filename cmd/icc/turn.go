package main

import (
	"cmp"
	"context"
	"os"
	"os/user"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
)

// turnTakers are the commands that change a project, which one icc does at a time; the lock for it lies on the server.
// Other commands only look, change what projects share, or must get through to a project that somebody else is busy
// with, as exec and kill, which takes turns for the removal of orphans only.
func turnTakers() []string {
	return []string{
		"up", "down", "create", "scale", "start", "stop", "restart", "pause", "unpause", "rm", "rollback", "run", "wait", "kill",
	}
}

// withLockTimeout adds the flag to the commands that take turns.
func withLockTimeout(c *cli.Command) {
	if slices.Contains(turnTakers(), c.Name) {
		c.Flags = append(c.Flags, &cli.DurationFlag{
			Name: "lock-timeout", EnvVars: []string{"ICC_LOCK_TIMEOUT"},
			Usage: "wait at most `DURATION` while another icc changes the project, 0 not at all (default: as long as it takes)",
		})
	}
}

// lockTimeout returns how long to wait for others; a negative time means for ever.
func lockTimeout(c *cli.Context) time.Duration {
	if !c.IsSet("lock-timeout") {
		return -1
	}
	return max(0, c.Duration("lock-timeout"))
}

// pursue carries a plan out while no other icc changes the project, or shows it with --dry-run. The planner may be called
// again: after a wait for another icc, and when the server turns out to have changed.
func (s *session) pursue(ctx ctx, plan func(ctx) (*engine.Plan, error)) error {
	_, err := s.pursuePrepared(ctx, plan, nil)
	return err
}

// pursuePrepared is pursue with something to do before the plan can be carried out. The outcome is nil when nothing was
// begun.
func (s *session) pursuePrepared(ctx ctx, plan func(ctx) (*engine.Plan, error), prepare func(ctx, *engine.Plan) (*engine.Plan, error)) (*engine.Outcome, error) {
	first := true
	fresh := func(ctx context.Context) (*engine.Plan, error) {
		if !first {
			s.glance = nil // what it saw is out of date
		}
		first = false
		return plan(ctx)
	}
	if dryRun(s.cli) {
		p, err := fresh(ctx)
		if err != nil {
			return nil, err
		}
		return nil, printPlanTable(s.cli.App.Writer, p)
	}
	return s.engine.Pursue(ctx, engine.Pursuit{
		Project: s.project.name, Plan: fresh, Prepare: prepare, Lock: s.lockOptions(),
	})
}

// lockOptions say for whom the lock is.
func (s *session) lockOptions() engine.LockOptions {
	var name string
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, _ := os.Hostname() // without it there is less to be shown
	return engine.LockOptions{
		Holder: kinds.LockHolder{
			Who: cmp.Or(name, "somebody") + "@" + cmp.Or(host, "some machine"), Command: fullName(s.cli), Process: thisProcess(), Since: time.Now(),
		},
		Timeout: lockTimeout(s.cli),
		Dead:    hasEnded,
	}
}
