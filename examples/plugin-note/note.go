package main

import (
	"context"
	"os"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

const kindNote resource.Kind = "note"

// config is what a compose file says about a note.
type config struct {
	Text string `json:"text" jsonschema:"required"`
}

// outputs is what a note tells the resources that depend on it.
type outputs struct {
	Path string `json:"path"`
	// Size is in bytes.
	Size int `json:"size"`
}

// provider implements sdk.Provider. It keeps nothing but its settings: it may be ended between any two calls.
type provider struct{ sdk.Configured }

func newProvider() *provider { return &provider{} }

func actions() []resource.Action {
	return []resource.Action{resource.ActionEnsure, resource.ActionDelete}
}

// Describe says what the plugin is. It is asked before everything else and must always say the same.
func (p *provider) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name: "note", Version: sdk.Version, Summary: "Notes: texts that are kept as files.",
		Kinds: []sdk.Kind{{
			Kind: kindNote, Priority: resource.PriorityVolume, Actions: actions(),
			ConfigSchema: schema.Of(config{}), OutputsSchema: schema.Of(outputs{}),
		}},
	}, nil
}

// Resolve completes declarations without looking at anything.
func (p *provider) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	out := &sdk.Resolution{}
	for _, d := range decls {
		if _, err := read(d.Ref, d.Config); err != nil {
			return nil, err
		}
		out.Resolved = append(out.Resolved, resource.Resolved{
			Ref: d.Ref, IncusName: fileName(d.Name), Priority: resource.PriorityVolume, Actions: actions(),
			Config: d.Config, DependsOn: d.DependsOn, Position: d.Position,
		})
	}
	return out, nil
}

// Plan compares the declared notes with the files. Files that nobody declares any more are shown, too.
func (p *provider) Plan(_ context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if err := sdk.CheckKind(req.Kind, kindNote); err != nil {
		return nil, err
	}
	there, err := p.shelf().list()
	if err != nil {
		return nil, err
	}
	out := &sdk.PlanResult{}
	for _, r := range req.Resolved {
		want, err := read(r.Ref, r.Config)
		if err != nil {
			return nil, err
		}
		have, exists := there[r.IncusName]
		delete(there, r.IncusName)
		out.Changes = append(out.Changes, compare(r.Ref, want, have, exists))
		out.States = append(out.States, p.shelf().state(r.Ref, r.IncusName, have, exists, true))
	}
	for name, text := range there {
		ref := resource.Ref{Kind: kindNote, Name: declaredName(name)}
		out.States = append(out.States, p.shelf().state(ref, name, text, true, false))
	}
	return out, nil
}

// compare says what ensure would do, and why.
func compare(ref resource.Ref, want config, have string, exists bool) resource.Change {
	switch {
	case !exists:
		return resource.Change{Ref: ref, Class: resource.ClassCreate, Reason: "does not exist"}
	case have == want.Text:
		return resource.Change{Ref: ref, Class: resource.ClassNone}
	}
	return resource.Change{Ref: ref, Class: resource.ClassLive, Reason: "text differs", Fields: []resource.FieldChange{
		{Path: "text", Before: have, After: want.Text, Class: resource.ClassLive},
	}}
}

// Run does what Plan has announced. Doing it again changes nothing.
func (p *provider) Run(ctx context.Context, req sdk.RunRequest, _ resource.Sink) (*sdk.RunResult, error) {
	result, err := p.run(ctx, req)
	return result, resource.About(err, req.Resource.Ref, req.Action)
}

func (p *provider) run(ctx context.Context, req sdk.RunRequest) (*sdk.RunResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := sdk.CheckKind(req.Resource.Kind, kindNote); err != nil {
		return nil, err
	}
	switch req.Action {
	case resource.ActionEnsure:
		return p.ensure(req)
	case resource.ActionDelete:
		removed, err := p.shelf().remove(req.Resource.IncusName)
		return &sdk.RunResult{Changed: removed}, err
	}
	return nil, resource.ErrUnsupportedAction
}

func (p *provider) ensure(req sdk.RunRequest) (*sdk.RunResult, error) {
	want, err := read(req.Resource.Ref, req.Resource.Config)
	if err != nil {
		return nil, err
	}
	name := req.Resource.IncusName
	have, err := os.ReadFile(p.shelf().path(name))
	switch {
	case os.IsNotExist(err) && !req.Options.Create:
		return nil, resource.ErrNotFound.WithHint("create it with `icc up`")
	case err != nil && !os.IsNotExist(err):
		return nil, err
	}
	result := &sdk.RunResult{Created: err != nil, Changed: err != nil || string(have) != want.Text}
	if result.Changed {
		if err := p.shelf().write(name, want.Text); err != nil {
			return nil, resource.ErrCreate.Wrap(err)
		}
	}
	result.Outputs = p.shelf().outputs(name, want.Text)
	return result, nil
}

// read reads a configuration strictly: an unknown field is an error that names it.
func read(ref resource.Ref, raw []byte) (config, error) {
	var c config
	if err := sdk.CheckKind(ref.Kind, kindNote); err != nil {
		return c, resource.About(err, ref, "")
	}
	return c, resource.About(schema.Decode(raw, &c), ref, "")
}
