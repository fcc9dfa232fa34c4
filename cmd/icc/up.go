package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

func upCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "up",
		Usage:     "Create and start the project's services",
		ArgsUsage: "[SERVICE...]",
		Flags:     upFlags(),
		Action:    up,
	})
}

func upFlags() []cli.Flag {
	return slices.Concat(planFlags(), yesFlags(), []cli.Flag{
		revertFlag(),
		&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "return when everything is started, instead of showing the logs"},
		&cli.BoolFlag{Name: "no-start", Usage: "create, but do not start"},
		&cli.BoolFlag{Name: "wait", Usage: "wait until the services are healthy; implies --detach"},
		&cli.IntFlag{Name: "wait-timeout", Usage: "wait at most `SECONDS` for a service to become healthy"},
		&cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, Usage: "stop services with a grace period of `SECONDS` when interrupted or made anew"},
		dryRunFlag(),
		&cli.BoolFlag{Name: "no-healthd", Usage: "let no health daemon watch the instances"},
	}, foregroundFlags())
}

// planFlags are the flags of the commands that decide what `up` does.
func planFlags() []cli.Flag {
	return slices.Concat(imageFlags(), recreateFlags(), dependencyFlags(), scaleFlags())
}

// imageFlags say where images come from.
func imageFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "build", Usage: "build images before starting"},
		&cli.BoolFlag{Name: "no-build", Usage: "do not build missing images"},
		&cli.StringFlag{Name: "pull", Usage: "fetch images as `POLICY` says: always, missing or never; build builds them"},
		&cli.BoolFlag{Name: "quiet-pull", Usage: "fetch images without showing progress"},
		&cli.BoolFlag{Name: "quiet-build", Usage: "build images without showing what the builder prints"},
	}
}

// yesFlags are those of commands that may have to ask.
func yesFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask, and do what could lose data"},
	}
}

func up(c *cli.Context) error {
	if dryRun(c) {
		return showPlan(c, "table")
	}
	if err := checkForeground(c); err != nil {
		return err
	}
	ctx, begin := c.Context, time.Now()
	logs, starts := newLogPrinter(c), &starts{}
	s, err := openForUp(c, logs.Handle, starts.Handle)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.checkForegroundServices(); err != nil {
		return err
	}
	background := c.Bool("detach") || c.Bool("no-start") || c.Bool("wait")
	err = s.bringUp(ctx)
	if begun, open := starts.begun(); err != nil && ctx.Err() != nil && len(begun) > 0 && !background && !outputFailed(ctx) {
		return s.halt(logs, begun, open)
	}
	if err != nil || background {
		return err
	}
	return s.stay(logs, begin)
}

// bringUp plans and does what `up` does before it shows logs.
func (s *session) bringUp(ctx ctx) error {
	_, err := s.pursuePrepared(ctx, func(ctx context.Context) (*engine.Plan, error) {
		p, err := s.planUp(ctx)
		if err == nil {
			s.warnOrphans(p)
			s.tellOutdated(p)
			err = s.refuseLosses(p)
		}
		return p, err
	}, s.imagesFirst)
	return err
}

// openForUp opens a session with the project as the command line scales it.
func openForUp(c *cli.Context, handlers ...event.Handler) (*session, error) {
	scale, err := wantedScale(c)
	if err != nil {
		return nil, err
	}
	if err := checkRecreation(c); err != nil {
		return nil, err
	}
	s, err := open(c, fullProject(c, compose.TranslateOptions{Scale: scale}), likelyKinds(c), handlers...)
	if err != nil {
		return nil, err
	}
	err = s.conn.RequireOCI()
	if err == nil {
		_, err = s.conn.StoragePool()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// planUp is what `up` does and `plan` shows.
func (s *session) planUp(ctx ctx) (*engine.Plan, error) {
	c := s.cli
	opts, err := upOptions(c)
	if err != nil {
		return nil, err
	}
	if err := s.project.knows(serviceArguments(c)); err != nil {
		return nil, err
	}
	if err := s.project.hasServices(); err != nil {
		return nil, err
	}
	m, o, err := s.compare(ctx, opts, s.selectedBy)
	if err != nil {
		return nil, err
	}
	p, err := s.planFrom(m, o, opts)
	if err != nil {
		return nil, err
	}
	return s.withStandIns(ctx, p, opts)
}

// planFrom plans what the command line asks for.
func (s *session) planFrom(m *engine.Model, o *engine.Observation, opts resource.Options) (*engine.Plan, error) {
	c := s.cli
	roots, err := s.project.serviceRefs(serviceArguments(c))
	if err != nil {
		return nil, err
	}
	up := engine.UpOptions{
		NoStart: startsNothing(c),
		Wait:    c.Bool("wait"),
		Grace:   graceOf(c),
		Rolling: s.project.rollouts(),
		Options: opts,
	}
	if up.RemoveOrphans, err = s.removesOrphans(); err != nil {
		return nil, err
	}
	if c.Args().Present() || c.Bool("no-deps") {
		up.Select, up.Asked = m.Select(roots, c.Bool("no-deps")), selected(roots)
	}
	s.recreation(&up, o)
	if up.Keep, up.Surplus, err = s.leftovers(o, up.Select); err != nil {
		return nil, err
	}
	return engine.Up(m, o, up), nil
}

// graceOf reads --timeout, 0 of which means next to no time.
func graceOf(c *cli.Context) time.Duration {
	if !c.IsSet("timeout") {
		return 0
	}
	return max(time.Millisecond, seconds(c.Int("timeout")))
}

func upOptions(c *cli.Context) (resource.Options, error) {
	opts := resource.NewOptions(resource.OptionCreate())
	switch pull := resource.PullMode(c.String("pull")); pull {
	case "build":
		opts.Build = resource.BuildForce
	case "", resource.PullAlways, resource.PullMissing, resource.PullNever:
		opts.Pull = pull
	default:
		return opts, &usageError{command: c.Command.Name, text: fmt.Sprintf("--pull %q is not known; use always, missing, never or build", pull)}
	}
	if c.Bool("build") {
		opts.Build = resource.BuildForce
	}
	if c.Bool("no-build") {
		opts.Build = resource.BuildNever
	}
	opts.NoHealthd, opts.RevertDrift = c.Bool("no-healthd"), c.Bool("revert-drift")
	opts.DependencyTimeout = seconds(c.Int("wait-timeout"))
	return opts, nil
}

// selected returns the selection of the given resources alone.
func selected(refs []resource.Ref) engine.Selection {
	out := make(engine.Selection, len(refs))
	for _, ref := range refs {
		out[ref] = true
	}
	return out
}
