package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/engine"
)

func builderCommand() *cli.Command {
	return group("builder", "Look at what builds images",
		command(&cli.Command{Name: "list", Aliases: []string{"ls"}, Usage: "List the builders that were found, and which one is taken", Flags: []cli.Flag{formatFlag()}, Action: builderList}),
	)
}

// builderRow is the stable form of a builder in lists.
type builderRow struct {
	Name        string   `json:"Name"`
	Available   bool     `json:"Available"`
	Version     string   `json:"Version,omitempty"`
	Platforms   []string `json:"Platforms,omitempty"`
	Score       int      `json:"Score"`
	Chosen      string   `json:"Chosen,omitempty"` // why it is the one that builds
	Reason      string   `json:"Reason,omitempty"` // why it is not available
	Unsupported []string `json:"Unsupported,omitempty"`
}

func builderList(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	choice, err := builderHere(c)
	if err != nil {
		return err
	}
	h := newHost(c)
	defer h.Close()
	states, err := engine.Builders(c.Context, h)
	if err != nil {
		return err
	}
	rows := builderRows(states, choice)
	if format == "json" {
		return printJSONLines(c.App.Writer, rows)
	}
	t := view.NewTable("NAME", "VERSION", "PLATFORMS", "SCORE", "STATUS")
	for _, row := range rows {
		status := "available"
		switch {
		case row.Reason != "" && choice.Is(row.Name):
			status = row.Reason + "; but named by " + choice.By
		case row.Reason != "":
			status = row.Reason
		case row.Chosen != "":
			status = "taken: " + row.Chosen
		}
		t.Row(row.Name, row.Version, strings.Join(row.Platforms, ", "), strconv.Itoa(row.Score), status)
	}
	t.Print(c.App.Writer)
	if known := slices.ContainsFunc(states, func(s engine.BuilderState) bool { return choice.Is(s.Name) }); choice.Name != "" && !known {
		fmt.Fprintf(os.Stderr, "warning: %s names the builder %q, which was not found; nothing can be built\n", choice.By, choice.Name)
	}
	return nil
}

// builderRows says of each builder whether it would build. One that was named and is not available is nobody's reason
// to take another.
func builderRows(states []engine.BuilderState, choice engine.Choice) []builderRow {
	best := engine.Best(states)
	rows := make([]builderRow, len(states))
	for i, s := range states {
		row := builderRow{Name: s.Name, Available: s.Available(), Reason: s.Reason()}
		if s.Probe != nil {
			row.Version, row.Platforms, row.Score, row.Unsupported = s.Probe.Version, s.Probe.Platforms, s.Probe.Score, s.Probe.Unsupported
		}
		switch {
		case !row.Available:
		case choice.Is(s.Name):
			row.Chosen = "named by " + choice.By
		case choice.Name == "" && best == &states[i]:
			row.Chosen = "the best score"
		}
		rows[i] = row
	}
	return rows
}
