package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
		Flags: append(append(planFlags(),
			&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "return when everything is started, instead of showing the logs"},
			&cli.BoolFlag{Name: "no-start", Usage: "create, but do not start"},
			&cli.BoolFlag{Name: "wait", Usage: "wait until the services are healthy; implies --detach"},
			&cli.IntFlag{Name: "wait-timeout", Usage: "wait at most `SECONDS` for a service to become healthy"},
			&cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, Usage: "stop services with a grace period of `SECONDS` when interrupted"},
			dryRunFlag(),
			&cli.BoolFlag{Name: "quiet-pull", Usage: "fetch images without showing progress"},
			&cli.BoolFlag{Name: "no-healthd", Usage: "let no health daemon watch the instances"},
		), foregroundFlags()...),
		Action: up,
	})
}

// planFlags are the flags of the commands that decide what `up` does.
func planFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "build", Usage: "build images before starting"},
		&cli.BoolFlag{Name: "no-build", Usage: "do not build missing images"},
		&cli.StringFlag{Name: "pull", Usage: "fetch images as `POLICY` says: always, missing or never"},
		&cli.BoolFlag{Name: "no-deps", Usage: "leave the services that the named ones depend on alone"},
		&cli.StringSliceFlag{Name: "scale", Usage: "run a number of instances of a service, as `SERVICE=NUMBER`; may be repeated"},
		&cli.BoolFlag{Name: "remove-orphans", Usage: "remove instances of services that the compose file does not have", EnvVars: []string{"COMPOSE_REMOVE_ORPHANS"}},
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
	logs := newLogPrinter(c)
	s, err := openForUp(c, logs.Handle)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.checkForegroundServices(); err != nil {
		return err
	}
	if err := s.bringUp(ctx); err != nil {
		return err
	}
	if c.Bool("detach") || c.Bool("no-start") || c.Bool("wait") {
		return nil
	}
	return s.stay(logs, begin)
}

// bringUp plans and does what `up` does before it shows logs.
func (s *session) bringUp(ctx ctx) error {
	_, err := s.pursuePrepared(ctx, func(ctx context.Context) (*engine.Plan, error) {
		p, err := s.planUp(ctx)
		if err == nil {
			s.warnOrphans(p)
		}
		return p, err
	}, s.imagesFirst)
	return err
}

// openForUp opens a session with the project as the command line scales it.
func openForUp(c *cli.Context, handlers ...event.Handler) (*session, error) {
	scale, err := parseScale(c.StringSlice("scale"))
	if err != nil {
		return nil, err
	}
	if c.Bool("build") && c.Bool("no-build") {
		return nil, &usageError{command: c.Command.Name, text: "--build and --no-build exclude each other"}
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
	if err := s.project.knows(c.Args().Slice()); err != nil {
		return nil, err
	}
	if err := s.project.hasServices(); err != nil {
		return nil, err
	}
	m, o, err := s.compare(ctx, opts)
	if err != nil {
		return nil, err
	}
	return s.planFrom(m, o, opts)
}

// planFrom plans what the command line asks for.
func (s *session) planFrom(m *engine.Model, o *engine.Observation, opts resource.Options) (*engine.Plan, error) {
	c := s.cli
	roots, err := s.project.serviceRefs(c.Args().Slice())
	if err != nil {
		return nil, err
	}
	up := engine.UpOptions{
		RemoveOrphans: c.Bool("remove-orphans"),
		NoStart:       c.Bool("no-start"),
		Wait:          c.Bool("wait"),
		Options:       opts,
	}
	if c.Args().Present() || c.Bool("no-deps") {
		up.Select = m.Select(roots, c.Bool("no-deps"))
	}
	if up.Keep, up.Surplus, err = s.leftovers(o, up.Select); err != nil {
		return nil, err
	}
	return engine.Up(m, o, up), nil
}

func upOptions(c *cli.Context) (resource.Options, error) {
	opts := resource.NewOptions(resource.OptionCreate())
	switch pull := resource.PullMode(c.String("pull")); pull {
	case "", resource.PullAlways, resource.PullMissing, resource.PullNever:
		opts.Pull = pull
	default:
		return opts, &usageError{command: c.Command.Name, text: fmt.Sprintf("--pull %q is not known; use always, missing or never", pull)}
	}
	if c.Bool("build") {
		opts.Build = resource.BuildForce
	}
	if c.Bool("no-build") {
		opts.Build = resource.BuildNever
	}
	opts.NoHealthd = c.Bool("no-healthd")
	opts.DependencyTimeout = time.Duration(c.Int("wait-timeout")) * time.Second
	return opts, nil
}

// parseScale reads SERVICE=NUMBER pairs.
func parseScale(pairs []string) (map[string]int, error) {
	scale := make(map[string]int, len(pairs))
	for _, pair := range pairs {
		service, number, ok := strings.Cut(pair, "=")
		n, err := strconv.Atoi(number)
		if !ok || service == "" || err != nil || n < 0 {
			return nil, &usageError{command: "up", text: fmt.Sprintf("--scale %q is not of the form SERVICE=NUMBER", pair)}
		}
		scale[service] = n
	}
	return scale, nil
}

func (s *session) warnOrphans(p *engine.Plan) {
	if len(p.Orphans) == 0 {
		return
	}
	var names []string
	for _, o := range p.Orphans {
		names = append(names, o.IncusName)
	}
	slices.Sort(names)
	s.note([]resource.Diagnostic{{
		Severity: resource.SeverityWarning,
		Text:     "the compose file has no services for these instances: " + strings.Join(names, ", "),
		Hint:     "remove them with --remove-orphans",
	}})
}
