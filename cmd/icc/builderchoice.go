package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/connect"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/core/userconfig"
)

// chooseBuilder returns the builder that somebody has chosen: --builder, ICC_BUILDER, the compose files, the user's
// configuration for the remote or this machine, or that for all, in this order.
func chooseBuilder(c *cli.Context, inCompose string) (engine.Choice, error) {
	for _, choice := range []engine.Choice{
		{Name: c.String("builder"), By: "--builder"},
		{Name: os.Getenv("ICC_BUILDER"), By: "ICC_BUILDER"},
		{Name: inCompose, By: "x-icc.builder"},
	} {
		if choice.Name != "" {
			return choice, nil
		}
	}
	config, err := userconfig.Load()
	if err != nil {
		return engine.Choice{}, err
	}
	var remote, machine string
	if len(config.Builders.Hosts) > 0 {
		remote = connect.RemoteName(c.String("remote"))
		machine, _ = os.Hostname() // a machine without a name has no entry
	}
	name, setting := config.Builders.For(remote, machine)
	if name == "" {
		return engine.Choice{}, nil
	}
	return engine.Choice{Name: name, By: fmt.Sprintf("%s in %s", setting, config.File)}, nil
}

// builderHere is chooseBuilder for the directory's project, if there is one.
func builderHere(c *cli.Context) (engine.Choice, error) {
	load := loadOptions(c)
	load.SkipEnvironment = true
	found, err := compose.HasFiles(load)
	if err != nil {
		return engine.Choice{}, err
	}
	if !found {
		return chooseBuilder(c, "")
	}
	p, err := compose.Load(c.Context, load)
	if err != nil {
		return engine.Choice{}, err
	}
	t, err := compose.Translate(p, compose.TranslateOptions{RemoteServer: true})
	if err != nil {
		return engine.Choice{}, err
	}
	return chooseBuilder(c, t.Builder)
}
