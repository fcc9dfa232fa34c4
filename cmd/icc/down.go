package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func downCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "down",
		Usage:     "Stop and remove the project's instances and networks; volumes stay",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "volumes", Aliases: []string{"v"}, Usage: "remove the project's volumes and all data in them"},
			removeOrphansFlag(),
			&cli.StringFlag{Name: "rmi", Usage: "remove the images of `TYPE` that nobody else uses: local (built here) or all"},
			timeoutFlag(),
			dryRunFlag(),
		},
		Action: down,
	})
}

func down(c *cli.Context) error {
	rmi := c.String("rmi")
	if rmi != "" && rmi != "local" && rmi != "all" {
		return &usageError{command: "down", text: "--rmi takes local or all, not " + rmi}
	}
	s, err := openServices(c, usualKinds)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.pursue(c.Context, s.planRemoval)
}

// planRemoval plans what the command line of `down` asks for.
func (s *session) planRemoval(ctx ctx) (*engine.Plan, error) {
	c, rmi := s.cli, s.cli.String("rmi")
	opts := stopOptions(c)
	m, o, err := s.survey(ctx, opts)
	if err != nil {
		return nil, err
	}
	orphans, err := s.removesOrphans()
	if err != nil {
		return nil, err
	}
	d := engine.DownOptions{Options: opts, KeepOrphans: !orphans}
	if c.Bool("volumes") {
		d.Persistent = append(d.Persistent, resource.KindStorageVolume)
	}
	if rmi != "" {
		d.Persistent = append(d.Persistent, resource.KindImage)
	}
	if c.Args().Present() {
		if d.Select, err = s.selectServices(o, c.Args().Slice()); err != nil {
			return nil, err
		}
	}
	p, err := s.planDown(m, o, d)
	if err != nil {
		return nil, err
	}
	s.warnOrphans(p)
	if !c.Args().Present() {
		s.tellInactive(o)
	}
	return p, nil
}

// tellInactive names the instances that stay because the profiles of their services are not active, so that nobody
// takes the project for gone.
func (s *session) tellInactive(o *engine.Observation) {
	all, err := instancesOf(o)
	if err != nil || s.project.compose == nil {
		return
	}
	var names []string
	for _, i := range all {
		if _, inactive := s.project.compose.DisabledServices[i.Service]; inactive && !i.OneOff && !i.State.Declared {
			names = append(names, i.name())
		}
	}
	if len(names) == 0 {
		return
	}
	s.note([]resource.Diagnostic{{
		Severity: resource.SeverityInfo,
		Text:     "these instances stay, because the profiles of their services are not active: " + strings.Join(names, ", "),
		Hint:     "take them along with --profile '*'",
	}})
}

// planDown plans to remove the project, or what d selects of it. Instances of `icc run` and what `icc scale` has
// added go with the others.
func (s *session) planDown(m *engine.Model, o *engine.Observation, d engine.DownOptions) (*engine.Plan, error) {
	keep, surplus, err := s.leftovers(o, nil)
	if err != nil {
		return nil, err
	}
	all, err := instancesOf(o)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		if i.OneOff || surplus[i.Ref] {
			i.State.Declared = true // somebody asked for it, so it is neither an orphan nor somebody else's
			o.States[i.Ref] = i.State
			delete(keep, i.Ref)
		}
	}
	if s.cli.String("rmi") == "local" {
		s.keepFetched(o, keep)
	}
	d.Keep = keep
	return engine.Down(m, o, d), nil
}

// keepFetched adds the images that were not built here. Undeclared images are: the others are nobody's.
func (s *session) keepFetched(o *engine.Observation, keep engine.Set) {
	for ref, state := range o.States {
		if ref.Kind == resource.KindImage && state.Declared && !s.project.isBuilt(ref) {
			keep[ref] = true
		}
	}
}

// selectServices returns the existing instances of the named services.
func (s *session) selectServices(o *engine.Observation, services []string) (engine.Selection, error) {
	all, err := instancesOf(o)
	if err != nil {
		return nil, err
	}
	list, err := ofServices(all, services)
	for _, i := range all {
		if i.OneOff && slices.Contains(services, i.Service) {
			list = append(list, i)
		}
	}
	return selection(list), err
}
