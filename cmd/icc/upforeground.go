package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/resource"
)

// foregroundFlags are those of an `up` that stays in the foreground.
func foregroundFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "abort-on-container-exit", Usage: "stop all services when the process of one has ended"},
		&cli.BoolFlag{Name: "abort-on-container-failure", Usage: "stop all services when the process of one has failed"},
		&cli.StringFlag{Name: "exit-code-from", Usage: "exit like the process of `SERVICE`; implies --abort-on-container-exit"},
		&cli.StringSliceFlag{Name: "attach", Usage: "show the logs of `SERVICE` only; may be repeated"},
		&cli.StringSliceFlag{Name: "no-attach", Usage: "do not show the logs of `SERVICE`; may be repeated"},
		&cli.BoolFlag{Name: "attach-dependencies", Usage: "show the logs of the services that the named ones depend on, too"},
		&cli.BoolFlag{Name: "timestamps", Usage: "print when each line was written"},
		&cli.BoolFlag{Name: "no-log-prefix", Usage: "print the logs without the instances' names"},
		&cli.BoolFlag{Name: "no-color", Usage: "print the logs without colours"},
		&cli.BoolFlag{Name: "watch", Aliases: []string{"w"}, Usage: "docker compose's watching of files, which icc does not have", Hidden: true},
		&cli.BoolFlag{Name: "menu", Usage: "docker compose's shortcuts, which icc does not have", Hidden: true, EnvVars: []string{"COMPOSE_MENU"}},
	}
}

// checkForeground refuses flags that contradict each other.
func checkForeground(c *cli.Context) error {
	set := func(names ...string) string {
		i := slices.IndexFunc(names, func(n string) bool { return len(c.StringSlice(n)) > 0 || c.Bool(n) || c.String(n) != "" && c.IsSet(n) })
		if i < 0 {
			return ""
		}
		return names[i]
	}
	both := func(a, b string) error {
		return &usageError{command: "up", text: fmt.Sprintf("--%s and --%s exclude each other", a, b)}
	}
	stays := set("abort-on-container-exit", "abort-on-container-failure", "exit-code-from")
	background := set("detach", "wait", "no-start")
	switch {
	case c.Bool("watch"):
		return &usageError{command: "up", text: "icc does not watch files", hint: "mount the sources into the service, or run `icc up -d --build` after a change"}
	case stays != "" && background != "":
		return both(stays, background)
	case background == "wait" && set("attach", "attach-dependencies") != "":
		return both(set("attach", "attach-dependencies"), "wait")
	case c.Bool("abort-on-container-exit") && c.Bool("abort-on-container-failure"):
		return both("abort-on-container-exit", "abort-on-container-failure")
	case set("attach") != "" && c.Bool("attach-dependencies"):
		return both("attach", "attach-dependencies")
	}
	return nil
}

// checkForegroundServices refuses names that the compose files do not have before anything is done.
func (s *session) checkForegroundServices() error {
	c := s.cli
	if c.Bool("menu") {
		s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "icc has no menu; press Ctrl-C to stop the services"}})
	}
	names := slices.Concat(c.StringSlice("attach"), c.StringSlice("no-attach"))
	if from := c.String("exit-code-from"); from != "" {
		names = append(names, from)
	}
	return s.project.knows(names)
}

// stay keeps `up` in the foreground.
func (s *session) stay(logs *logPrinter, begin time.Time) error {
	s.glance = nil // it is older than what was done
	all, err := s.instances(s.cli.Context)
	if err != nil {
		return err
	}
	f := &foreground{s: s, logs: logs, begin: begin, verdict: s.newVerdict()}
	from := s.cli.String("exit-code-from")
	services := s.cli.Args().Slice()
	if len(services) > 0 && from != "" && !slices.Contains(services, from) {
		services = append(services, from)
	}
	if f.list, err = ofServices(all, services); err != nil {
		return err
	}
	if s.cli.Bool("attach-dependencies") {
		services = s.withDependencies(services)
	}
	if f.shown, err = ofServices(all, services); err != nil {
		return err
	}
	for _, i := range f.shown {
		if !slices.ContainsFunc(f.list, func(l instance) bool { return l.Ref == i.Ref }) {
			f.list = append(f.list, i)
		}
	}
	f.shown = s.attached(f.shown)
	return f.stay()
}

func (s *session) newVerdict() *verdict {
	c := s.cli
	v := &verdict{from: c.String("exit-code-from"), onFailure: c.Bool("abort-on-container-failure"), jobs: make(map[string]bool)}
	v.onExit = c.Bool("abort-on-container-exit") || v.from != "" && !v.onFailure
	for _, service := range s.project.compose.Services {
		for name, d := range service.DependsOn {
			v.jobs[name] = v.jobs[name] || d.Condition == types.ServiceConditionCompletedSuccessfully
		}
	}
	return v
}

// attached leaves out the services whose logs are not wanted: by the command line, or by `attach: false`.
func (s *session) attached(list []instance) []instance {
	only, without := s.cli.StringSlice("attach"), s.cli.StringSlice("no-attach")
	return slices.DeleteFunc(slices.Clone(list), func(i instance) bool {
		if len(only) > 0 {
			return !slices.Contains(only, i.Service)
		}
		return slices.Contains(without, i.Service) || slices.Contains(s.project.translation.Unattached, i.Service)
	})
}

// withDependencies adds the services that the named ones depend on; no name means all services.
func (s *session) withDependencies(services []string) []string {
	out := slices.Clone(services)
	for n := 0; n < len(out); n++ {
		for name := range s.project.compose.Services[out[n]].DependsOn {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func namesOf(list []instance) string {
	var names []string
	for _, i := range list {
		names = append(names, i.name())
	}
	return strings.Join(names, ", ")
}
