package main

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/sdk/resource"
)

// configLists are the flags of config that print a list instead of the project.
var configLists = []struct {
	flag, usage string
	list        func(*compose.Project) []string
}{
	{"services", "print the names of the services", (*compose.Project).ServiceList},
	{"networks", "print the names of the networks", (*compose.Project).NetworkList},
	{"volumes", "print the names of the volumes", (*compose.Project).VolumeList},
	{"images", "print the images of the services", (*compose.Project).ImageList},
	{"profiles", "print the profiles", (*compose.Project).ProfileList},
	{"environment", "print the variables that interpolation uses", (*compose.Project).EnvironmentList},
}

func configCommand() *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "format", Usage: "print as `FORMAT`: yaml (table means the same) or json", Value: "yaml"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "check only, print nothing"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE` instead of standard output"},
		&cli.StringFlag{Name: "hash", Usage: "print the configuration hash of `SERVICE`, or of all with *"},
		&cli.BoolFlag{Name: "variables", Usage: "print the variables that the files refer to"},
		&cli.BoolFlag{Name: "no-interpolate", Usage: "leave variables as they are written"},
		&cli.BoolFlag{Name: "no-normalize", Usage: "leave implied attributes out"},
		&cli.BoolFlag{Name: "no-path-resolution", Usage: "leave relative paths as they are written"},
		&cli.BoolFlag{Name: "no-consistency", Usage: "do not check the parts against each other"},
	}
	for _, l := range configLists {
		flags = append(flags, &cli.BoolFlag{Name: l.flag, Usage: l.usage})
	}
	return command(&cli.Command{
		Name: "config", Aliases: []string{"convert"}, Usage: "Check the compose files and print the project as icc understands it",
		ArgsUsage: "[SERVICE...]", Flags: flags, Action: showConfig,
	})
}

// showConfig works on files alone: it starts no plugin and asks no server.
func showConfig(c *cli.Context) error {
	opts := loadOptions(c)
	opts.SkipInterpolation = c.Bool("no-interpolate")
	opts.SkipNormalization = c.Bool("no-normalize")
	opts.SkipResolvePaths = c.Bool("no-path-resolution")
	opts.SkipConsistency = c.Bool("no-consistency")
	if c.Bool("variables") {
		return printVariables(c, opts)
	}
	p, err := compose.Load(c.Context, opts)
	if err != nil {
		return err
	}
	if err := warnOf(c, p); err != nil {
		return err
	}
	for _, l := range configLists {
		if c.Bool(l.flag) {
			printLines(c.App.Writer, l.list(p))
			return nil
		}
	}
	if which := c.String("hash"); which != "" {
		return printHashes(c.App.Writer, p, which)
	}
	if c.Args().Present() {
		if p, err = p.Subset(c.Args().Slice()); err != nil {
			return err
		}
	}
	out, err := renderConfig(c, p)
	if err != nil || c.Bool("quiet") {
		return err
	}
	if file := c.String("output"); file != "" {
		return os.WriteFile(file, out, 0o644)
	}
	_, err = c.App.Writer.Write(out)
	return err
}

// warnOf says what the loading of the files found, apart from the output.
func warnOf(c *cli.Context, p *compose.Project) error {
	v, err := view.New(progressMode(c), os.Stderr)
	if err != nil {
		return &usageError{text: err.Error(), hint: resource.Hint(err)}
	}
	defer v.Close()
	(&session{view: v}).note(p.Warnings)
	return nil
}

func renderConfig(c *cli.Context, p *compose.Project) ([]byte, error) {
	switch f := c.String("format"); f {
	case "yaml", "table":
		return p.YAML()
	case "json":
		out, err := p.JSON()
		return append(out, '\n'), err
	default:
		return nil, &usageError{command: "config", text: fmt.Sprintf("--format %q is not known; use yaml or json", f)}
	}
}

func printHashes(w io.Writer, p *compose.Project, which string) error {
	names := []string{which}
	if which == "*" {
		names = p.ServiceList()
	}
	for _, name := range names {
		hash, err := p.ServiceHash(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s %s\n", name, hash)
	}
	return nil
}

func printVariables(c *cli.Context, opts compose.LoadOptions) error {
	vars, err := compose.Variables(c.Context, opts)
	if err != nil {
		return err
	}
	for _, v := range vars {
		fmt.Fprintf(c.App.Writer, "%s\trequired=%t\tdefault=%s\n", v.Name, v.Required, v.DefaultValue)
	}
	return nil
}

func printLines(w io.Writer, lines []string) {
	for _, l := range lines {
		fmt.Fprintln(w, l)
	}
}
