package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func diffCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "diff",
		Usage:     "Show what others have changed on the server since icc wrote it",
		ArgsUsage: "[SERVICE...]",
		Description: "Changes of the compose files are shown by `icc plan`. The exit code is 0 when nobody has changed anything\n" +
			"that is icc's, 2 when somebody has, and 1 after an error.",
		Flags: []cli.Flag{
			formatFlag(),
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "show what was added by hand and is left alone, too"},
		},
		Action: diff,
	})
}

func diff(c *cli.Context) error {
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	s, err := openServices(c, likelyKinds(c))
	if err != nil {
		return err
	}
	defer s.Close()
	m, o, err := s.survey(c.Context, resource.NewOptions())
	if err != nil {
		return err
	}
	selected, err := s.selectedThere(m, o)
	if err != nil {
		return err
	}
	drifts := o.Drifts(selected, c.Bool("all"))
	if format == "json" {
		err = printJSONLines(c.App.Writer, driftedFields(drifts))
	} else {
		printDiff(c.App.Writer, drifts, o.Diverged(o.Drifts(nil, false)))
	}
	if err == nil && len(o.Drifts(selected, false)) > 0 {
		return exitChanges
	}
	return err
}

// selectedThere is selectedBy where there may be no compose file: then it is what the server has of the services.
func (s *session) selectedThere(m *engine.Model, o *engine.Observation) (engine.Selection, error) {
	services := serviceArguments(s.cli)
	if s.project.translation != nil && len(m.Resolved) > 0 || len(services) == 0 {
		return s.selectedBy(m)
	}
	all, err := instancesOf(o)
	if err != nil {
		return nil, err
	}
	named, err := ofServices(all, services)
	return selection(named), err
}

// driftedField is the stable form of what somebody has changed; fields are added, never renamed.
type driftedField struct {
	Kind      resource.Kind `json:"Kind"`
	Name      string        `json:"Name"`
	IncusName string        `json:"IncusName,omitempty"`
	Path      string        `json:"Path"`
	Compose   string        `json:"Compose,omitempty"`
	Written   string        `json:"Written,omitempty"`
	Now       string        `json:"Now,omitempty"`
	Sensitive bool          `json:"Sensitive,omitempty"`
	// ByHand fields were never icc's; Reverted ones are written again by the next `up`.
	ByHand   bool `json:"ByHand,omitempty"`
	Reverted bool `json:"Reverted,omitempty"`
}

func driftedFields(drifts []engine.Drift) []driftedField {
	var out []driftedField
	for _, d := range drifts {
		for _, f := range d.Fields {
			shown := shownFields([]resource.FieldChange{f.FieldChange})[0]
			out = append(out, driftedField{
				Kind: d.Ref.Kind, Name: d.Ref.Name, IncusName: d.IncusName, Path: f.Path, Compose: f.Compose,
				Written: shown.Before, Now: shown.After, Sensitive: f.Sensitive, ByHand: f.Foreign, Reverted: f.Reverted,
			})
		}
	}
	return out
}

// printDiff prints a row for each changed field; diverged says that the compose files ask for other things, too.
func printDiff(w io.Writer, drifts []engine.Drift, diverged bool) {
	rows := driftedFields(drifts)
	t := view.NewTable("KIND", "NAME", "FIELD", "WRITTEN", "NOW", "BY UP")
	drifted, left := 0, 0
	for _, f := range rows {
		written, now := f.Written, f.Now
		if f.Sensitive {
			written, now = "(not shown)", "(not shown)"
		}
		if now == "" {
			now = "(gone)"
		}
		name := resource.FieldChange{Path: f.Path, Compose: f.Compose}.Name()
		t.Row(string(f.Kind), shownName(f.Kind, f.Name, f.IncusName), name, written, now, f.fate())
		if !f.ByHand {
			drifted++
			if !f.Reverted {
				left++
			}
		}
	}
	if len(rows) > 0 {
		t.Print(w)
		fmt.Fprintln(w)
	}
	switch {
	case drifted == 0:
		fmt.Fprintln(w, "Nobody has changed what icc wrote.")
	case left == 0:
		fmt.Fprintf(w, "Changed by hand: %d. `icc up` writes that again.\n", drifted)
	default:
		fmt.Fprintf(w, "Changed by hand: %d, of which `icc up` leaves %d alone until the compose file changes it. `icc up --revert-drift` writes all of it again.\n", drifted, left)
	}
	if diverged {
		fmt.Fprintln(w, "The compose files ask for changes, too: see `icc plan`.")
	}
}

// fate says what the next `up` does about the field.
func (f driftedField) fate() string {
	switch {
	case f.ByHand:
		return "added by hand, left alone"
	case f.Reverted:
		return "written again"
	}
	return "stays"
}
