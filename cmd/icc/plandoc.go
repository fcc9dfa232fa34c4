package main

import (
	"io"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

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

func planned(p *engine.Plan, st engine.Step) plannedStep {
	return plannedStep{
		Action: st.Action, Kind: st.Ref.Kind, Name: st.Ref.Name, IncusName: incusNameIn(p, st.Ref),
		Class: st.Change.Class, Reason: redacted(st.Reason()), Fields: shownFields(st.Change.Fields),
	}
}

func incusNameIn(p *engine.Plan, ref resource.Ref) string {
	if r, ok := p.Model.Get(ref); ok {
		return r.IncusName
	}
	return p.Observation.States[ref].IncusName
}

// shownName is the name on the server, as everywhere else, but an image's reference.
func shownName(kind resource.Kind, name, incusName string) string {
	if kind == resource.KindImage || incusName == "" {
		return name
	}
	return incusName
}

// untouched returns the selected resources of the model that no step is about.
func untouched(p *engine.Plan, selected engine.Selection) []resource.Resolved {
	touched := make(map[resource.Ref]bool)
	for _, st := range p.Steps {
		touched[st.Ref] = true
	}
	var out []resource.Resolved
	for _, r := range p.Model.Resolved {
		if !touched[r.Ref] && selected.Has(r.Ref) {
			out = append(out, r)
		}
	}
	return out
}

// printPlanJSON prints a line for each step and one for each resource of idle, with which nothing happens.
func printPlanJSON(w io.Writer, p *engine.Plan, idle []resource.Resolved) error {
	var rows []plannedStep
	for _, st := range p.Steps {
		rows = append(rows, planned(p, st))
	}
	for _, r := range idle {
		rows = append(rows, plannedStep{Kind: r.Kind, Name: r.Name, IncusName: r.IncusName, Class: resource.ClassNone})
	}
	return printJSONLines(w, rows)
}
