package main

import (
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func pushCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "push",
		Usage:     "Write the services' built images to their registries",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "include-deps", Usage: "also the images of the services that the named ones depend on"},
			&cli.BoolFlag{Name: "ignore-push-failures", Usage: "go on with the other images when one cannot be pushed, and succeed"},
			quietFlag(),
			dryRunFlag(),
		},
		Action: pushImages,
	})
}

// pushImages pushes the images of the named services that are built here and have a name of their own.
func pushImages(c *cli.Context) error {
	s, err := open(c, fullProject(c, compose.TranslateOptions{}), []resource.Kind{resource.KindImage})
	if err != nil {
		return err
	}
	defer s.Close()
	roots, err := s.project.serviceRefs(c.Args().Slice())
	if err != nil {
		return err
	}
	m, err := s.resolve(c.Context)
	if err != nil {
		return err
	}
	images, err := s.pushable(m, m.Select(roots, !withDependencies(c)))
	if err != nil {
		return err
	}
	if len(images) == 0 {
		s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "there is no image to push",
			Hint: "only images of services with `build` and `image` are pushed"}})
		return nil
	}
	o, err := s.engine.ObserveFrom(c.Context, s.glance, m, []resource.Kind{resource.KindImage}, resource.NewOptions())
	if err != nil {
		return err
	}
	return s.eachImage(images, c.Bool("ignore-push-failures"), func(selected engine.Selection) error {
		return s.apply(c.Context, engine.Act(m, o, kinds.ActionPush, selected, resource.NewOptions()))
	})
}

// pushable returns the selected images that have a build section and a name.
func (s *session) pushable(m *engine.Model, selected engine.Selection) (engine.Selection, error) {
	out := make(engine.Selection)
	for _, r := range m.Resolved {
		if r.Kind != resource.KindImage || !selected.Has(r.Ref) {
			continue
		}
		var cfg kinds.ImageConfig
		if err := json.Unmarshal(r.Config, &cfg); err != nil {
			return nil, fmt.Errorf("reading the declaration of image %s: %w", r.Name, err)
		}
		switch {
		case cfg.Build == nil:
		case !s.project.named(cfg):
			s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo,
				Text: fmt.Sprintf("service %s: the image has no name on a registry and is not pushed", cfg.Services[0]), Hint: "name it with `image`"}})
		default:
			out[r.Ref] = true
		}
	}
	return out, nil
}
