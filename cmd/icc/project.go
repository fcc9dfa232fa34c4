package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// project is what a command knows of the Compose project: all of it, or only the name.
type project struct {
	name         string
	incusProject string
	owned        bool
	builder      engine.Choice
	// compose and translation are nil when only the name is known.
	compose     *compose.Project
	translation *compose.Translation
	diagnostics []resource.Diagnostic
	// labelled says that the server's labels are enough: compose files that the plugins refuse are done without.
	labelled bool
	// standIns are how many instances stand in for the replicas of services while those change; translate declares them.
	standIns map[string]int
	// translate translates the compose files again, for replicas of these numbers.
	translate func(existing map[string][]int) error
}

func loadOptions(c *cli.Context) compose.LoadOptions {
	return compose.LoadOptions{
		Files:            c.StringSlice("file"),
		Profiles:         c.StringSlice("profile"),
		EnvFiles:         c.StringSlice("env-file"),
		ProjectName:      c.String("project-name"),
		ProjectDirectory: c.String("project-directory"),
		Stdin:            os.Stdin,
		Checked:          newChecked(),
	}
}

// surroundings are what the connection says about where the project will live.
type surroundings struct {
	// remote says that the server is another machine.
	remote bool
	// incusProject is the existing Incus project to work in; empty when icc is free to make one.
	incusProject string
}

// loader returns the project. around waits for the connection.
type loader func(around func() surroundings) (*project, error)

// fullProject returns a loader for commands that need the compose files.
func fullProject(c *cli.Context, opts compose.TranslateOptions) loader {
	return composeProject(c, loadOptions(c), opts)
}

func composeProject(c *cli.Context, load compose.LoadOptions, opts compose.TranslateOptions) loader {
	return func(around func() surroundings) (*project, error) {
		p, err := compose.Load(c.Context, load)
		if err != nil {
			return nil, err
		}
		if p, err = p.WithServices(serviceArguments(c)); err != nil {
			return nil, err
		}
		where := around()
		opts.IncusProject, opts.RemoteServer = where.incusProject, where.remote
		opts.AllResources = c.Bool("all-resources")
		opts.Aside = p.Aside(serviceArguments(c), c.Bool("no-deps"))
		if opts.OneOff != nil { // the replicas of all services stay as they are
			opts.Aside = p.Aside([]string{""}, true)
		}
		t, err := compose.Translate(p, opts)
		if err != nil {
			return nil, err
		}
		if err := t.Err(); err != nil {
			return nil, err
		}
		builder, err := chooseBuilder(c, t.Builder)
		if err != nil {
			return nil, err
		}
		out := &project{
			name: t.Name, incusProject: t.IncusProject, owned: !t.Shared, compose: p, translation: t,
			builder: builder, diagnostics: t.Diagnostics,
		}
		out.translate = func(existing map[string][]int) error {
			opts.Existing, opts.Surge = existing, out.standIns
			t, err := compose.Translate(p, opts)
			if err == nil {
				out.translation, err = t, t.Err()
			}
			return err
		}
		return out, nil
	}
}

// namedProject returns a loader for commands that work from the server's labels. The compose files are used when they
// can be read; with -p they need not exist.
func namedProject(c *cli.Context) loader {
	load := loadOptions(c)
	load.Stdin = compose.Rereadable(load.Stdin) // a file with mistakes is read again for its name
	named := load
	load.SkipEnvironment = true
	full := composeProject(c, load, compose.TranslateOptions{})
	return func(around func() surroundings) (*project, error) {
		p, err := full(around)
		if err == nil {
			// What is wrong with the files was said by the command that brought the project up.
			p.diagnostics, p.labelled = nil, true
			return p, nil
		}
		name, nameErr := compose.ProjectName(named)
		if nameErr != nil || errors.Is(err, c.Context.Err()) {
			return nil, err
		}
		where := around()
		where.incusProject = cmp.Or(where.incusProject, compose.IncusProject(named))
		return nameOnly(c, name, where)
	}
}

// serviceArguments returns the services that the command line names; the argument of exec is one, too.
func serviceArguments(c *cli.Context) []string {
	switch {
	case c.Command.Name == "scale":
		return scaledServices(c.Args().Slice())
	case passThrough(c.Command.Name):
		return c.Args().Slice()[:min(1, c.NArg())]
	}
	return c.Args().Slice()
}

// everyProject is a loader for commands that are about no project, but about what there is on the server.
func everyProject(around func() surroundings) (*project, error) {
	return &project{incusProject: around().incusProject}, nil
}

func nameOnly(c *cli.Context, name string, where surroundings) (*project, error) {
	p := &project{name: name, incusProject: where.incusProject}
	if p.incusProject != "" {
		return p, nil
	}
	own, err := naming.Scope{Project: name}.IncusProject()
	p.incusProject, p.owned = own, true
	return p, err
}

// serviceRefs returns the instances of the named services, all when no name is given. An unknown name is an error.
func (p *project) serviceRefs(services []string) ([]resource.Ref, error) {
	if err := p.knows(services); err != nil {
		return nil, err
	}
	var refs []resource.Ref
	for _, d := range p.translation.Declarations {
		if d.Kind != resource.KindInstance {
			continue
		}
		service, err := serviceOf(d)
		if err != nil {
			return nil, err
		}
		if len(services) == 0 || slices.Contains(services, service) {
			refs = append(refs, d.Ref)
		}
	}
	return refs, nil
}

// serviceOf returns the service of an instance's declaration.
func serviceOf(d resource.Declaration) (string, error) {
	var cfg kinds.InstanceConfig
	if err := json.Unmarshal(d.Config, &cfg); err != nil {
		return "", fmt.Errorf("reading the declaration of %s: %w", d.Name, err)
	}
	return cfg.Service, nil
}

// knows refuses the names of services that the compose files do not have.
func (p *project) knows(services []string) error {
	if p.compose == nil {
		return nil
	}
	return p.compose.CheckServices(services)
}

// hasService reports whether the compose files have the service, active or not. Without compose files nothing is an
// orphan.
func (p *project) hasService(name string) bool {
	if p.compose == nil {
		return true
	}
	_, active := p.compose.Services[name]
	_, inactive := p.compose.DisabledServices[name]
	return active || inactive
}

// isBuilt reports whether the image is built here rather than fetched.
func (p *project) isBuilt(ref resource.Ref) bool {
	for _, d := range p.translation.Declarations {
		if d.Ref != ref {
			continue
		}
		var cfg kinds.ImageConfig
		return json.Unmarshal(d.Config, &cfg) == nil && cfg.Build != nil
	}
	return false
}
