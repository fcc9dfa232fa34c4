package main

import (
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// exitChanges is the exit code of plan when `up` would change something, and of diff when somebody else has.
const exitChanges exitCode = 2

func planCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "plan",
		Usage:     "Show what `icc up` would do, and why",
		ArgsUsage: "[SERVICE...]",
		Description: "The exit code is 0 when there is nothing to do, 2 when there is, and 1 after an error.\n" +
			"Values of secrets, and of variables that look like ones, are never printed.",
		Flags: append(planFlags(), revertFlag(), formatFlag(),
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "show what stays as it is, too"}),
		Action: func(c *cli.Context) error {
			format, err := outputFormat(c)
			if err != nil {
				return err
			}
			p, err := printUp(c, format)
			if err == nil && !p.Empty() {
				return exitChanges
			}
			return err
		},
	})
}

// showPlan is --dry-run: it prints what the command line asks for and does nothing.
func showPlan(c *cli.Context, format string) error {
	_, err := printUp(c, format)
	return err
}

// printUp prints the plan of an `up` with the flags of the command line, and returns it.
func printUp(c *cli.Context, format string) (*engine.Plan, error) {
	s, err := openForUp(c)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	p, err := s.planUp(c.Context)
	if err != nil {
		return nil, err
	}
	var idle []resource.Resolved
	if c.Bool("all") {
		selected, err := s.selectedBy(p.Model)
		if err != nil {
			return nil, err
		}
		idle = untouched(p, selected)
	}
	if format == "json" {
		return p, printPlanJSON(c.App.Writer, p, idle)
	}
	s.warnOrphans(p)
	s.tellOutdated(p)
	printPlan(c.App.Writer, p, idle)
	return p, nil
}

// selector says what of a model a run is for; nil means everything.
type selector func(*engine.Model) (engine.Selection, error)

// selectedBy returns what the services on the command line select, with what they need; nil means everything.
func (s *session) selectedBy(m *engine.Model) (engine.Selection, error) {
	if !s.cli.Args().Present() {
		return nil, nil
	}
	roots, err := s.project.serviceRefs(serviceArguments(s.cli))
	if err != nil {
		return nil, err
	}
	return m.Select(roots, s.cli.Bool("no-deps")), nil
}

// revertFlag is for the commands that decide what `up` does.
func revertFlag() cli.Flag {
	return &cli.BoolFlag{Name: "revert-drift", Usage: "undo what others have changed by hand on what icc wrote; see `icc diff`"}
}
