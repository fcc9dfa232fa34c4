package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func psCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "ps",
		Usage:     "List the project's instances",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "show stopped instances and those of icc run, too"},
			&cli.StringSliceFlag{Name: "status", Usage: "show instances in this `STATE`: " + strings.Join(dockerStates[:], ", ") + "; may be repeated"},
			&cli.StringSliceFlag{Name: "filter", Usage: "show instances that match `FILTER`: status=STATE"},
			&cli.BoolFlag{Name: "orphans", Usage: "show instances of services that the compose file does not have", Value: true},
			&cli.BoolFlag{Name: "no-trunc", Usage: "show commands in full"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print names only"},
			&cli.BoolFlag{Name: "services", Usage: "print the names of services only"},
			&cli.StringFlag{Name: "format", Usage: "print as `FORMAT`: table, json, a template like '{{.Name}}', or table and a template", Value: "table"},
		},
		Action: ps,
	})
}

func ps(c *cli.Context) error {
	format, tmpl, err := psFormat(c)
	if err != nil {
		return err
	}
	states, err := wantedStates(c)
	if err != nil {
		return err
	}
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.psInstances(states)
	if err != nil {
		return err
	}
	switch {
	case c.Bool("quiet"):
		for _, i := range list {
			fmt.Fprintln(c.App.Writer, i.name())
		}
	case c.Bool("services"):
		var services []string
		for _, i := range list {
			services = append(services, i.Service)
		}
		for _, name := range slices.Compact(services) {
			fmt.Fprintln(c.App.Writer, name)
		}
	case tmpl != nil:
		return tmpl.print(c.App.Writer, s.project.name, list)
	case format == "json":
		return printPsJSON(c.App.Writer, s.project.name, list)
	default:
		printPsTable(c.App.Writer, list, c.Bool("no-trunc"))
	}
	return nil
}

// psInstances returns what ps shows. A service of the compose file without instances is no error here.
func (s *session) psInstances(states []string) ([]instance, error) {
	services := s.cli.Args().Slice()
	all, err := s.instances(s.cli.Context)
	if err != nil {
		return nil, err
	}
	if err := s.known(all, services); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(i instance) bool {
		other := len(services) > 0 && !slices.Contains(services, i.Service)
		orphan := !s.cli.Bool("orphans") && !s.project.hasService(i.Service)
		return other || orphan || !s.shows(i, states)
	}), nil
}

// known refuses the names of services that neither the compose files nor the server have.
func (s *session) known(all []instance, services []string) error {
	if s.project.compose != nil {
		return s.project.knows(services)
	}
	_, err := ofServices(all, services)
	return err
}

// shows reports whether ps shows an instance in its state.
func (s *session) shows(i instance, states []string) bool {
	all := s.cli.Bool("all")
	switch {
	case i.OneOff && !all:
		return false
	case len(states) > 0:
		return slices.Contains(states, dockerState(i))
	}
	return all || i.State.Status != resource.StatusStopped && !i.ended()
}

func printPsTable(w io.Writer, list []instance, full bool) {
	t := view.NewTable("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS")
	for _, i := range list {
		command := fmt.Sprintf("%q", i.Command)
		if !full {
			command = shorten(command, 20)
		}
		t.Row(i.name(), i.Image, command, i.Service, ago(i.CreatedAt), statusText(i), portsText(openPorts(i)))
	}
	t.Print(w)
}

// openPorts are the published ports of an instance; nobody listens there for one that does not run.
func openPorts(i instance) []kinds.Port {
	if state := dockerState(i); state == stateCreated || state == stateExited {
		return nil
	}
	return i.Ports
}

// portsText is docker's PORTS column: "0.0.0.0:8080->80/tcp".
func portsText(ports []kinds.Port) string {
	var parts []string
	for _, p := range ports {
		parts = append(parts, fmt.Sprintf("%s:%s->%s/%s", hostIP(p), portRange(p.Published, p.Count), portRange(p.Target, p.Count), p.Protocol))
	}
	return strings.Join(parts, ", ")
}

func portRange(first, count int) string {
	if count <= 1 {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d-%d", first, first+count-1)
}

func hostIP(p kinds.Port) string {
	switch {
	case p.HostIP == "":
		return "0.0.0.0"
	case strings.Contains(p.HostIP, ":"):
		return "[" + p.HostIP + "]"
	}
	return p.HostIP
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
