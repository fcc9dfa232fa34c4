package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func planCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "plan",
		Usage:     "Show what `icc up` would do, and why",
		ArgsUsage: "[SERVICE...]",
		Flags:     append(planFlags(), formatFlag()),
		Action: func(c *cli.Context) error {
			format, err := outputFormat(c)
			if err != nil {
				return err
			}
			return showPlan(c, format)
		},
	})
}

func showPlan(c *cli.Context, format string) error {
	s, err := openForUp(c)
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := s.planUp(c.Context)
	if err != nil {
		return err
	}
	if format == "json" {
		return printPlanJSON(c.App.Writer, p)
	}
	s.warnOrphans(p)
	return printPlanTable(c.App.Writer, p)
}

// plannedStep is the stable form of a step; fields are added, never renamed.
type plannedStep struct {
	Action    resource.Action        `json:"Action"`
	Kind      resource.Kind          `json:"Kind"`
	Name      string                 `json:"Name"`
	IncusName string                 `json:"IncusName,omitempty"`
	Class     resource.Class         `json:"Class,omitempty"`
	Reason    string                 `json:"Reason,omitempty"`
	Fields    []resource.FieldChange `json:"Fields,omitempty"`
}

// shownName is the name on the server, as everywhere else, but an image's reference.
func (s plannedStep) shownName() string {
	if s.Kind == resource.KindImage || s.IncusName == "" {
		return s.Name
	}
	return s.IncusName
}

func planned(p *engine.Plan, st engine.Step) plannedStep {
	out := plannedStep{
		Action: st.Action, Kind: st.Ref.Kind, Name: st.Ref.Name,
		Class: st.Change.Class, Reason: st.Reason(), Fields: st.Change.Fields,
	}
	if r, ok := p.Model.Get(st.Ref); ok {
		out.IncusName = r.IncusName
	} else {
		out.IncusName = p.Observation.States[st.Ref].IncusName
	}
	return out
}

func printPlanJSON(w io.Writer, p *engine.Plan) error {
	enc := json.NewEncoder(w)
	for _, st := range p.Steps {
		if err := enc.Encode(planned(p, st)); err != nil {
			return err
		}
	}
	return nil
}

func printPlanTable(w io.Writer, p *engine.Plan) error {
	if p.Empty() {
		fmt.Fprintln(w, "Nothing to do.")
		return nil
	}
	t := view.NewTable("ACTION", "KIND", "NAME", "REASON")
	for _, st := range p.Steps {
		row := planned(p, st)
		action := string(row.Action)
		if row.Class != "" && row.Class != resource.ClassNone {
			action = string(row.Class)
		}
		t.Row(action, string(row.Kind), row.shownName(), row.Reason)
		for _, f := range row.Fields {
			t.Row("", "", "", "  "+fieldText(f))
		}
	}
	t.Print(w)
	return nil
}

// fieldText describes one differing field. Sensitive values are not shown, and files have none.
func fieldText(f resource.FieldChange) string {
	switch {
	case f.Sensitive, f.Before == "" && f.After == "":
		return fmt.Sprintf("%s: changed (%s)", f.Path, f.Class)
	case f.Before == "":
		return fmt.Sprintf("%s: %s (%s)", f.Path, f.After, f.Class)
	case f.After == "":
		return fmt.Sprintf("%s: %s goes away (%s)", f.Path, f.Before, f.Class)
	}
	return fmt.Sprintf("%s: %s -> %s (%s)", f.Path, f.Before, f.After, f.Class)
}
