package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func rmCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "rm",
		Usage:     "Remove stopped instances; volumes and networks stay",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "do not ask"},
			&cli.BoolFlag{Name: "stop", Aliases: []string{"s"}, Usage: "stop the instances first; without it those that run stay"},
			&cli.BoolFlag{Name: "volumes", Aliases: []string{"v"}, Usage: "remove the instances' anonymous volumes, too, with all data in them"},
			dryRunFlag(),
		},
		Action: rm,
	})
}

func rm(c *cli.Context) error {
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	all, err := s.instances(c.Context)
	if err != nil {
		return err
	}
	if err := s.known(all, c.Args().Slice()); err != nil {
		return err
	}
	s.glance = nil
	doomed := s.removable(all)
	if len(doomed) == 0 {
		s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "there are no stopped instances to remove"}})
		return nil
	}
	if !c.Bool("force") && !dryRun(c) {
		ok, err := confirm("rm", fmt.Sprintf("Remove %s?", namesOf(doomed)))
		if err != nil || !ok {
			return err
		}
	}
	agreed := selection(doomed)
	return s.pursue(c.Context, func(ctx ctx) (*engine.Plan, error) { return s.planRm(ctx, agreed) })
}

// removable returns the instances that the command line means: stopped ones, or with --stop all. Those of `icc run` are
// not meant, as with docker compose.
func (s *session) removable(all []instance) []instance {
	services := s.cli.Args().Slice()
	return slices.DeleteFunc(slices.Clone(all), func(i instance) bool {
		up := i.runs() || i.State.Status == resource.StatusPaused
		return i.OneOff || up && !s.cli.Bool("stop") || len(services) > 0 && !slices.Contains(services, i.Service)
	})
}

// planRm plans to remove what was agreed on, as far as it is still there and has not been started meanwhile.
func (s *session) planRm(ctx ctx, agreed engine.Selection) (*engine.Plan, error) {
	opts := resource.NewOptions()
	kinds := []resource.Kind{resource.KindInstance}
	if s.cli.Bool("volumes") {
		kinds = append(kinds, resource.KindStorageVolume)
	}
	m := engine.NewModel(nil)
	o, err := s.engine.Observe(ctx, m, kinds, opts)
	if err != nil {
		return nil, err
	}
	all, err := instancesOf(o)
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(s.removable(all), func(i instance) bool { return !agreed[i.Ref] })
	selected, anonymous := selection(list), anonymousVolumes(o)
	for _, i := range list {
		for _, volume := range anonymous[i.Ref] {
			selected[volume] = true
		}
	}
	return engine.Down(m, o, engine.DownOptions{Select: selected, Persistent: kinds, Options: opts}), nil
}
