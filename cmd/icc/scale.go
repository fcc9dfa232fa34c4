package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

func scaleCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "scale",
		Usage:     "Run a number of instances of services, until the next `icc up`",
		ArgsUsage: "SERVICE=NUMBER...",
		Description: "Instances with the highest numbers go first, and those that stay keep their addresses. `icc start`, `stop` and\n" +
			"`restart` act on all that there are; `icc up` returns to the number of the compose file.",
		Flags: append(yesFlags(),
			&cli.BoolFlag{Name: "no-deps", Usage: "leave the services that the named ones depend on alone"},
			dryRunFlag(),
		),
		Action: scale,
	})
}

func scale(c *cli.Context) error {
	if !c.Args().Present() {
		return &usageError{command: "scale", text: "scale needs at least one SERVICE=NUMBER"}
	}
	return converge(c)
}

// scaleFlags are those of commands that may run another number of instances than the compose file says.
func scaleFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "scale", Usage: "run a number of instances of a service, as `SERVICE=NUMBER`; may be repeated"},
		removeOrphansFlag(),
	}
}

// wantedScale reads the numbers that the command line asks for: the arguments of scale, or those of --scale.
func wantedScale(c *cli.Context) (map[string]int, error) {
	if c.Command.Name == "scale" {
		return parseScale("scale", "", c.Args().Slice())
	}
	return parseScale(c.Command.Name, "--scale ", c.StringSlice("scale"))
}

// parseScale reads SERVICE=NUMBER pairs, which the command takes as arguments or behind a flag.
func parseScale(command, flag string, pairs []string) (map[string]int, error) {
	scale := make(map[string]int, len(pairs))
	for _, pair := range pairs {
		service, number, ok := strings.Cut(pair, "=")
		n, err := strconv.Atoi(number)
		if !ok || service == "" || err != nil || n < 0 {
			return nil, &usageError{command: command, text: fmt.Sprintf("%s%q is not of the form SERVICE=NUMBER", flag, pair)}
		}
		scale[service] = n
	}
	return scale, nil
}

// scaledServices returns the services that the arguments of scale name.
func scaledServices(args []string) []string {
	var services []string
	for _, pair := range args {
		service, _, _ := strings.Cut(pair, "=")
		services = append(services, service)
	}
	return services
}
