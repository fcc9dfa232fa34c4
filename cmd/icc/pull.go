package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func pullCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "pull",
		Usage:     "Fetch the services' images",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "policy", Usage: "fetch as `POLICY` says: always or missing", Value: "always"},
			&cli.BoolFlag{Name: "include-deps", Usage: "also the images of the services that the named ones depend on"},
			&cli.BoolFlag{Name: "ignore-pull-failures", Usage: "go on with the other images when one cannot be fetched, and succeed"},
			// Images with a build section are never pulled; docker compose wants to be told.
			&cli.BoolFlag{Name: "ignore-buildable", Usage: "leave out images that can be built", Hidden: true},
			quietFlag(),
			dryRunFlag(),
		},
		Action: pull,
	})
}

func pull(c *cli.Context) error {
	opts := resource.NewOptions(resource.OptionCreate(), resource.OptionPull(resource.PullMode(c.String("policy"))))
	if opts.Pull != resource.PullAlways && opts.Pull != resource.PullMissing {
		return &usageError{command: "pull", text: "--policy takes always or missing, not " + c.String("policy")}
	}
	// Images with a build section are for `icc build`.
	return ensureImages(c, opts, func(built bool) bool { return !built })
}

// ensureImages fetches or builds the images of the named services, of the kind that want accepts.
func ensureImages(c *cli.Context, opts resource.Options, want func(built bool) bool) error {
	s, err := open(c, fullProject(c, compose.TranslateOptions{}), []resource.Kind{resource.KindProject, resource.KindImage})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.conn.RequireOCI(); err != nil {
		return err
	}
	if err := s.project.changeBuilds(c); err != nil {
		return err
	}
	roots, err := s.project.serviceRefs(c.Args().Slice())
	if err != nil {
		return err
	}
	m, err := s.resolve(c.Context)
	if err != nil {
		return err
	}
	images := m.Select(roots, !withDependencies(c))
	for ref := range images {
		if ref.Kind == resource.KindImage && !want(s.project.isBuilt(ref)) {
			delete(images, ref)
		}
	}
	if c.Bool("push") {
		if _, err := s.pushable(m, images); err != nil { // it says which ones are not
			return err
		}
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(images)), func(r resource.Ref) bool { return r.Kind == resource.KindImage }) {
		s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "there is no image to " + c.Command.Name}})
		return nil
	}
	kinds := []resource.Kind{resource.KindProject, resource.KindImage}
	o, err := s.engine.Observe(c.Context, m, kinds, opts)
	if err != nil {
		return err
	}
	if err := o.ErrOf(m, images); err != nil {
		return err
	}
	return s.eachImage(images, c.Bool("ignore-pull-failures"), func(selected engine.Selection) error {
		return s.apply(c.Context, engine.Up(m, o, engine.UpOptions{Select: selected, NoStart: true, Kinds: kinds, Options: opts}))
	})
}

// quietFlag keeps the view from showing how far images have come; see quietPull.
func quietFlag() cli.Flag {
	return &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "do not show progress"}
}

// eachImage does something with the selected images together, or one after the other when failures are to be ignored.
// What else is selected goes with each of them.
func (s *session) eachImage(selected engine.Selection, ignore bool, do func(engine.Selection) error) error {
	if !ignore {
		return do(selected)
	}
	var images []resource.Ref
	others := make(engine.Selection)
	for ref := range selected {
		if ref.Kind == resource.KindImage {
			images = append(images, ref)
		} else {
			others[ref] = true
		}
	}
	slices.SortFunc(images, func(a, b resource.Ref) int { return strings.Compare(a.Name, b.Name) })
	for _, ref := range images {
		one := maps.Clone(others)
		one[ref] = true
		err := do(one)
		if cause := s.cli.Context.Err(); cause != nil {
			return cmp.Or(err, cause)
		}
		if err != nil {
			s.note([]resource.Diagnostic{{Severity: resource.SeverityWarning, Text: err.Error(), Hint: resource.Hint(err)}})
		}
	}
	return nil
}

// withDependencies reports whether the services that the named ones depend on are meant too.
func withDependencies(c *cli.Context) bool {
	return c.Bool("include-deps") || c.Bool("with-dependencies")
}
