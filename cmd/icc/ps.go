package main

import (
	"fmt"
	"os"
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
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "show stopped instances too"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print names only"},
			&cli.BoolFlag{Name: "services", Usage: "print the names of services only"},
			formatFlag(),
		},
		Action: ps,
	})
}

func ps(c *cli.Context) error {
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.psInstances()
	if err != nil {
		return err
	}
	switch {
	case c.Bool("quiet"):
		for _, i := range list {
			fmt.Println(i.name())
		}
	case c.Bool("services"):
		var services []string
		for _, i := range list {
			services = append(services, i.Service)
		}
		for _, name := range slices.Compact(services) {
			fmt.Println(name)
		}
	case format == "json":
		return printPsJSON(s.project.name, list)
	default:
		printPsTable(list)
	}
	return nil
}

// psInstances returns what ps shows. A service of the compose file without instances is no error here.
func (s *session) psInstances() ([]instance, error) {
	services := s.cli.Args().Slice()
	all, err := s.instances(s.cli.Context)
	if err != nil {
		return nil, err
	}
	if s.project.compose != nil {
		if err := s.project.knows(services); err != nil {
			return nil, err
		}
	} else if _, err := ofServices(all, services); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(i instance) bool {
		other := len(services) > 0 && !slices.Contains(services, i.Service)
		hidden := !s.cli.Bool("all") && i.State.Status == resource.StatusStopped
		return other || hidden
	}), nil
}

func printPsTable(list []instance) {
	t := view.NewTable("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS")
	for _, i := range list {
		t.Row(i.name(), i.Image, shorten(fmt.Sprintf("%q", i.Command), 20), i.Service, ago(i.CreatedAt), statusText(i), portsText(i.Ports))
	}
	t.Print(os.Stdout)
}

// statusText is docker compose's STATUS column as far as Incus knows it.
func statusText(i instance) string {
	text := map[string]string{resource.StatusRunning: "Up", resource.StatusStopped: "Exited", resource.StatusPaused: "Paused"}[i.State.Status]
	if text == "" {
		text = i.State.Status
	}
	if i.neverStarted() {
		text = "Created"
	}
	if i.ExitCode != nil && i.State.Status == resource.StatusStopped {
		text = fmt.Sprintf("Exited (%d)", *i.ExitCode)
	}
	if i.State.Status == resource.StatusRunning && !i.StartedAt.IsZero() {
		text += " " + strings.TrimSuffix(ago(i.StartedAt), " ago")
	}
	if i.Health != "" && i.Health != resource.HealthUnknown {
		text += " (" + i.Health + ")"
	}
	return text
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
