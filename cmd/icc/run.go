package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// removal bounds the removal of an instance after its command, which an interrupt does not stop.
const removal = time.Minute

func runCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "run",
		Usage:     "Run a command in an instance of its own, with what the service needs brought up first",
		ArgsUsage: "SERVICE [COMMAND] [ARGUMENT...]",
		Flags:     runFlags(),
		Action:    runOneOff,
	})
}

// runOneOff is `icc run`: it brings up what the service needs and a one-off instance, connects to it, and exits as it
// does.
func runOneOff(c *cli.Context) error {
	one, err := oneOffOf(c)
	if err != nil {
		return err
	}
	keys, err := parseDetachKeys(c)
	if err != nil {
		return err
	}
	s, err := openOneOff(c, one)
	if err != nil {
		return err
	}
	defer s.Close()
	if one.Detached && c.Bool("rm") {
		s.note([]resource.Diagnostic{{Severity: resource.SeverityWarning, Text: "--rm does nothing with --detach: nobody is there when the command ends",
			Hint: "`icc down` removes instances of `icc run`, too"}})
	}
	target, err := s.bringUpOneOff(c.Context, one)
	if dryRun(c) {
		return err
	}
	if err != nil {
		return err
	}
	if err = c.Context.Err(); err != nil {
		return errors.Join(err, s.removeOneOff())
	}
	if one.Detached {
		fmt.Fprintln(c.App.Writer, target.IncusName)
		return nil
	}
	// From here on Ctrl-C belongs to the command.
	req := sdk.SessionRequest{Verb: sdk.SessionAttach, TTY: one.TTY, Stdin: one.StdinOpen}
	code, err := runSession(context.WithoutCancel(c.Context), s, target, req, connection{detach: keys})
	detached := errors.Is(err, errDetached)
	err = s.afterAttach(target, code, err)
	if !detached {
		if gone := s.removeOneOff(); gone != nil {
			return errors.Join(err, gone)
		}
	}
	return err
}

func openOneOff(c *cli.Context, one *compose.OneOff) (*session, error) {
	s, err := open(c, fullProject(c, compose.TranslateOptions{OneOff: one}), usualKinds)
	if err != nil {
		return nil, err
	}
	if err = s.conn.RequireOCI(); err == nil {
		_, err = s.conn.StoragePool()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// bringUpOneOff makes and starts the instance and what it needs. An attached one waits with its command. What fails half
// way is removed again; an instance that had the name before is not.
func (s *session) bringUpOneOff(ctx ctx, one *compose.OneOff) (resource.State, error) {
	none := resource.State{}
	opts, err := upOptions(s.cli)
	if err != nil {
		return none, err
	}
	var m *engine.Model
	plan := func(ctx context.Context) (p *engine.Plan, err error) {
		var o *engine.Observation
		if m, o, err = s.compare(ctx, opts, s.selectedByOneOff); err != nil {
			return nil, err
		}
		if p, err = s.planOneOff(m, o, opts); err == nil {
			s.warnOrphans(p)
		}
		return p, err
	}
	outcome, err := s.pursuePrepared(ctx, plan, s.oneOffImagesFirst)
	if err != nil && outcome != nil {
		err = errors.Join(err, s.removeOneOff())
	}
	if err != nil || outcome == nil {
		return none, err
	}
	return outcome.State(m, s.project.translation.OneOff.Ref), nil
}

// oneOffImagesFirst renews the images that exist already and plans again with what has become of them.
func (s *session) oneOffImagesFirst(ctx ctx, p *engine.Plan) (*engine.Plan, error) {
	opts, err := upOptions(s.cli)
	if err != nil {
		return nil, err
	}
	opts.Build, opts.Pull = resource.BuildNever, resource.PullNever
	renewed, err := s.engine.Renew(ctx, p, resource.KindImage, opts)
	if err != nil || renewed == nil {
		return p, err
	}
	concerned, err := s.selectedByOneOff(p.Model)
	if err != nil {
		return nil, err
	}
	s.note(news(p.Observation.Diagnostics, renewed.Concerning(p.Model, concerned)))
	return s.planOneOff(p.Model, renewed, opts)
}

// planOneOff plans the instance and what it needs; everything else of the project is left as it is.
func (s *session) planOneOff(m *engine.Model, o *engine.Observation, opts resource.Options) (*engine.Plan, error) {
	ref := s.project.translation.OneOff.Ref
	orphans, err := s.removesOrphans()
	if err != nil {
		return nil, err
	}
	up := engine.UpOptions{RemoveOrphans: orphans, Options: opts}
	if up.Select, err = s.selectedByOneOff(m); err != nil {
		return nil, err
	}
	keep, surplus, err := s.leftovers(o, up.Select)
	if err != nil {
		return nil, err
	}
	maps.Copy(keep, surplus)
	up.Keep = keep
	name := o.States[ref].IncusName
	for other, state := range o.States {
		if other.Kind == ref.Kind && state.Exists && state.IncusName == name {
			return nil, resource.ErrConflict.WithText(fmt.Sprintf("there is an instance %s already", name)).
				WithHint("choose another --name, or leave it out")
		}
	}
	return engine.Up(m, o, up), nil
}

// selectedByOneOff returns the instance and what it needs.
func (s *session) selectedByOneOff(m *engine.Model) (engine.Selection, error) {
	return m.Select([]resource.Ref{s.project.translation.OneOff.Ref}, s.cli.Bool("no-deps")), nil
}

// removeOneOff removes the instance and the anonymous volumes that only it has, if it was asked for. It does so after an
// interrupt, too.
func (s *session) removeOneOff() error {
	one := s.project.translation.OneOff
	if !s.cli.Bool("rm") || one == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.cli.Context), removal)
	defer cancel()
	opts := resource.NewOptions()
	opts.Force = true
	e := s.silent() // docker's says nothing of it either
	m, err := e.Resolve(ctx, s.project.translation.Declarations)
	if err != nil {
		return err
	}
	kinds := []resource.Kind{resource.KindInstance, resource.KindStorageVolume}
	o, err := e.Observe(ctx, m, kinds, opts)
	if err != nil {
		return err
	}
	selected := engine.Selection{one.Ref: true}
	for _, volume := range one.Volumes {
		selected[volume] = true
	}
	p := engine.Down(m, o, engine.DownOptions{Select: selected, Persistent: kinds, Options: opts})
	_, err = e.Apply(ctx, p)
	return err
}
