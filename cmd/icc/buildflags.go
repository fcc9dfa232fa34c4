package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// buildFlags are the flags that change how images are built in this run.
func buildFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "no-cache", Usage: "build without the builder's cache"},
		&cli.BoolFlag{Name: "pull", Usage: "fetch newer versions of the images that the builds begin with"},
		&cli.StringSliceFlag{Name: "build-arg", KeepSpace: true, Usage: "set a build argument, as `KEY=VALUE`; KEY alone passes icc's own variable on"},
		&cli.BoolFlag{Name: "push", Usage: "write the images to their registries, too"},
	}
}

// changeBuilds puts what buildFlags say into the build sections.
func (p *project) changeBuilds(c *cli.Context) error {
	args := keyValues(c.StringSlice("build-arg"))
	for i, d := range p.translation.Declarations {
		if d.Kind != resource.KindImage {
			continue
		}
		var cfg kinds.ImageConfig
		if err := json.Unmarshal(d.Config, &cfg); err != nil {
			return fmt.Errorf("reading the declaration of image %s: %w", d.Name, err)
		}
		if cfg.Build == nil {
			continue
		}
		cfg.Build.NoCache = cfg.Build.NoCache || c.Bool("no-cache")
		cfg.Push = c.Bool("push") && p.named(cfg)
		cfg.Build.Pull = cfg.Build.Pull || c.Bool("pull")
		for key, value := range args {
			if cfg.Build.Args == nil {
				cfg.Build.Args = map[string]string{}
			}
			cfg.Build.Args[key] = value
		}
		raw, err := json.Marshal(cfg)
		if err != nil {
			return err
		}
		p.translation.Declarations[i].Config = raw
	}
	return nil
}

// contextInput returns the standard input for commands that may take a build context from it: those that have no other
// use for it. Nobody types an archive.
func contextInput(c *cli.Context) io.Reader {
	if !slices.Contains([]string{"build", "up"}, c.Command.Name) || isTerminal(os.Stdin) {
		return nil
	}
	return os.Stdin
}

// named reports whether the compose files name the image. What icc named is for no registry.
func (p *project) named(cfg kinds.ImageConfig) bool {
	return slices.ContainsFunc(cfg.Services, func(name string) bool { return p.compose.Services[name].Image != "" })
}
