package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func lsCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "ls",
		Usage: "List the Compose projects on the server",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "show projects without running instances too"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print names only"},
			formatFlag(),
		},
		Action: ls,
	})
}

// lsRow is docker compose's form of a project.
type lsRow struct {
	Name        string `json:"Name"`
	Status      string `json:"Status"`
	ConfigFiles string `json:"ConfigFiles"`
}

func ls(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	s, err := open(c, everyProject, []resource.Kind{resource.KindProject})
	if err != nil {
		return err
	}
	defer s.Close()
	o, err := s.engine.Observe(c.Context, engine.NewModel(nil), []resource.Kind{resource.KindProject}, resource.NewOptions())
	if err != nil {
		return err
	}
	rows, err := lsRows(o, c.Bool("all"))
	if err != nil {
		return err
	}
	switch {
	case c.Bool("quiet"):
		for _, r := range rows {
			fmt.Fprintln(c.App.Writer, r.Name)
		}
	case format == "json":
		return json.NewEncoder(c.App.Writer).Encode(rows)
	default:
		t := view.NewTable("NAME", "STATUS", "CONFIG FILES")
		for _, r := range rows {
			t.Row(r.Name, r.Status, r.ConfigFiles)
		}
		t.Print(c.App.Writer)
	}
	return nil
}

func lsRows(o *engine.Observation, all bool) ([]lsRow, error) {
	rows := []lsRow{}
	for _, s := range o.Undeclared() {
		var out kinds.ProjectOutputs
		if err := json.Unmarshal(s.Outputs, &out); err != nil {
			return nil, fmt.Errorf("reading what the project plugin says of %s: %w", s.Name, err)
		}
		if !all && out.Instances[resource.StatusRunning] == 0 {
			continue
		}
		rows = append(rows, lsRow{Name: s.Name, Status: countsText(out.Instances), ConfigFiles: strings.Join(out.Files, ",")})
	}
	slices.SortFunc(rows, func(a, b lsRow) int { return strings.Compare(a.Name, b.Name) })
	return rows, nil
}

// countsText is docker compose's "running(2), exited(1)".
func countsText(counts map[string]int) string {
	var parts []string
	for status, n := range counts {
		if status == resource.StatusStopped {
			status = "exited"
		}
		parts = append(parts, fmt.Sprintf("%s(%d)", status, n))
	}
	slices.SortFunc(parts, func(a, b string) int { return strings.Compare(b, a) })
	return strings.Join(parts, ", ")
}
