package main

import (
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
			&cli.BoolFlag{Name: "remove-orphans", Usage: "remove instances of services that the compose file does not have", EnvVars: []string{"COMPOSE_REMOVE_ORPHANS"}},
			&cli.StringFlag{Name: "rmi", Usage: "remove the images of `TYPE` that nobody else uses: local (built here) or all"},
			&cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, Usage: "stop services with a grace period of `SECONDS`"},
		},
		Action: down,
	})
}

func down(c *cli.Context) error {
	rmi := c.String("rmi")
	if rmi != "" && rmi != "local" && rmi != "all" {
		return &usageError{command: "down", text: "--rmi takes local or all, not " + rmi}
	}
	s, err := open(c, namedProject(c), usualKinds)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.project.knows(c.Args().Slice()); err != nil {
		return err
	}
	if err := s.takeTurn(c.Context); err != nil {
		return err
	}
	opts := stopOptions(c)
	m, o, err := s.survey(c.Context, opts)
	if err != nil {
		return err
	}
	d := engine.DownOptions{Options: opts, KeepOrphans: !c.Bool("remove-orphans")}
	if c.Bool("volumes") {
		d.Persistent = append(d.Persistent, resource.KindStorageVolume)
	}
	if rmi != "" {
		d.Persistent = append(d.Persistent, resource.KindImage)
	}
	if c.Args().Present() {
		if d.Select, err = s.selectServices(o, c.Args().Slice()); err != nil {
			return err
		}
	}
	if d.Keep, _, err = s.leftovers(o, nil); err != nil {
		return err
	}
	if rmi == "local" {
		s.keepFetched(o, d.Keep)
	}
	p := engine.Down(m, o, d)
	s.warnOrphans(p)
	return s.apply(c.Context, p)
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
	return selection(list), err
}
