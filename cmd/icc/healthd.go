package main

import (
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func healthdCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "healthd",
		Usage: "Test health and restart for instances without icc-init, until interrupted",
		Description: "Runs in the foreground and watches the instances of all projects on the server that have no icc-init: system\n" +
			"containers, virtual machines, and services with `x-icc: {init: off}`. A certificate that is restricted to their\n" +
			"Incus projects is enough. Other instances need no health daemon. See docs/healthd.md.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "project", Usage: "watch the project `NAME` only; may be repeated"},
		},
		Action: healthd,
	})
}

func healthd(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	projects := c.StringSlice("project")
	if name := c.String("project-name"); name != "" {
		projects = append(projects, name)
	}
	config, err := json.Marshal(kinds.InstanceWatch{Projects: projects})
	if err != nil {
		return fmt.Errorf("writing what to watch: %w", err)
	}
	s, err := open(c, everyProject, []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	err = s.engine.RunKind(c.Context, resource.KindInstance, resource.ActionWatch, config)
	if c.Context.Err() != nil { // that is how it ends
		return nil
	}
	return err
}
