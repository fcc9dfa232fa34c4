package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

const kindBox resource.Kind = "box"

type boxConfig struct {
	Text string `json:"text"`
}

type boxOutputs struct {
	Text string `json:"text"`
}

// keeper is a provider of boxes. It behaves well but for one fault.
type keeper struct {
	settings sdk.Settings
	fault    string
	// described counts the calls of Describe, made remembers boxes: nothing that a good provider would need.
	described int
	made      map[string]bool
}

func (k *keeper) is(fault string) bool { return k.fault == fault }

func (k *keeper) actions() []resource.Action {
	all := []resource.Action{resource.ActionEnsure, resource.ActionDelete, resource.ActionStart, resource.ActionStop}
	switch k.fault {
	case "cannot delete":
		return slices.Delete(all, 1, 2)
	case "cannot stop":
		return all[:3]
	case "an action twice":
		return append(all, resource.ActionStart)
	}
	return all
}

func (k *keeper) Describe(context.Context) (*sdk.Description, error) {
	k.described++
	kind := sdk.Kind{
		Kind: kindBox, Priority: 7, Actions: k.actions(), NeedsIncus: true,
		ConfigSchema: schema.Of(boxConfig{}), OutputsSchema: schema.Of(boxOutputs{}),
	}
	d := &sdk.Description{Name: "keeper", Version: "1", Summary: "Keeps boxes."}
	switch k.fault {
	case "says something else each time":
		d.Version = fmt.Sprint(k.described)
	case "describes its settings":
		d.Summary += k.settings.ComposeProject
	case "a bad name":
		d.Name = "The Keeper"
	case "no summary":
		d.Summary = ""
	case "no priority":
		kind.Priority = 0
	case "describes calls it has not":
		kind.Calls = []string{"shake"}
	case "another kind":
		kind.Kind = "crate"
	case "no schema":
		kind.ConfigSchema = nil
	case "a schema that is none":
		kind.ConfigSchema = json.RawMessage(`{"type":"objekt"}`)
	case "an old schema":
		kind.ConfigSchema = json.RawMessage(`{"$schema":"http://json-schema.org/draft-07/schema#"}`)
	case "a schema that refuses all":
		kind.ConfigSchema = json.RawMessage(`{"required":["colour"]}`)
	case "a schema of other outputs":
		kind.OutputsSchema = json.RawMessage(`{"required":["colour"]}`)
	case "a schema that takes all":
		kind.ConfigSchema = json.RawMessage(`{}`)
	}
	d.Kinds = []sdk.Kind{kind}
	return d, nil
}

func (k *keeper) Configure(_ context.Context, s sdk.Settings) error {
	k.settings = s
	return nil
}

func (k *keeper) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	if k.is("resolves with the server only") && k.settings.IncusSocket == "" {
		return nil, resource.ErrDisconnected
	}
	out := &sdk.Resolution{}
	for i, d := range decls {
		if _, err := k.read(d); err != nil {
			return nil, err
		}
		r := resource.Resolved{
			Ref: d.Ref, IncusName: k.settings.ComposeProject + "-" + d.Name, Priority: 7, Actions: k.actions(),
			Config: d.Config, DependsOn: d.DependsOn, Position: d.Position,
		}
		switch k.fault {
		case "names by number":
			r.IncusName = fmt.Sprint("box-", i)
		case "names by socket":
			r.IncusName += fmt.Sprint(k.settings.IncusSocket == "")
		case "a name with a space":
			r.IncusName += " "
		case "another priority":
			r.Priority++
		case "an action that is not described":
			r.Actions = append(slices.Clone(r.Actions), "shake")
		case "loses the position":
			r.Position = resource.Position{}
		case "loses edges":
			r.DependsOn = nil
		case "loses configurations":
			r.Config = nil
		case "answers twice":
			out.Resolved = append(out.Resolved, r)
		case "answers only the first":
			if i > 0 {
				continue
			}
		}
		out.Resolved = append(out.Resolved, r)
	}
	return out, nil
}

func (k *keeper) read(d resource.Declaration) (boxConfig, error) {
	var c boxConfig
	if k.is("ignores unknown fields") {
		return c, json.Unmarshal(d.Config, &c)
	}
	err := schema.Decode(d.Config, &c)
	switch {
	case err != nil && k.is("does not name the unknown field"):
		err = resource.ErrUnknownConfig.WithText("something is wrong")
	case err != nil && k.is("does not name the resource"):
		return c, err
	case err != nil && k.is("another sentinel for unknown fields"):
		err = resource.ErrOperation.WithText(err.Error())
	}
	return c, resource.About(err, d.Ref, "")
}

func (k *keeper) boxes(ctx context.Context) (map[string]box, error) {
	found := map[string]box{}
	err := ask(ctx, k.settings.IncusSocket, "GET", "/boxes", nil, &found)
	return found, err
}

// Look implements sdk.Looker.
func (k *keeper) Look(ctx context.Context, _ resource.Kind) (json.RawMessage, error) {
	found, err := k.boxes(ctx)
	if err != nil {
		return nil, err
	}
	if k.is("looks away") {
		found = map[string]box{}
	}
	return json.Marshal(found)
}

func (k *keeper) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if req.Kind != kindBox && !k.is("plans any kind") {
		return nil, resource.ErrUnknownResource
	}
	var found map[string]box
	var err error
	if req.Snapshot != nil {
		err = json.Unmarshal(req.Snapshot, &found)
	} else {
		found, err = k.boxes(ctx)
	}
	if err != nil {
		return nil, err
	}
	out := &sdk.PlanResult{}
	for _, r := range req.Resolved {
		if err := k.planOne(ctx, out, r, found); err != nil {
			return nil, err
		}
		delete(found, r.IncusName)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if b := found[name]; b.Project == k.settings.ComposeProject && !k.is("hides orphans") && (len(req.Resolved) == 0 || !k.is("hides orphans beside others")) {
			if k.is("renames orphans") {
				b.Declared = name
			}
			s := k.state(resource.Ref{Kind: kindBox, Name: b.Declared}, name, b, true)
			s.Declared = k.is("calls orphans declared")
			s.Persistent = k.is("orphans persist")
			out.States = append(out.States, s)
			if k.is("calls two orphans the same") {
				out.States = append(out.States, s)
			}
		}
	}
	return out, nil
}

func (k *keeper) planOne(ctx context.Context, out *sdk.PlanResult, r resource.Resolved, found map[string]box) error {
	var c boxConfig
	if err := json.Unmarshal(r.Config, &c); err != nil {
		return err
	}
	have, exists := found[r.IncusName]
	switch k.fault {
	case "asks for each box":
		_ = ask(ctx, k.settings.IncusSocket, "GET", "/boxes/"+r.IncusName, nil, &have)
	case "asks twice":
		_ = ask(ctx, k.settings.IncusSocket, "GET", "/boxes", nil, &map[string]box{})
	case "plans with its hands":
		_ = ask(ctx, k.settings.IncusSocket, "DELETE", "/boxes/nothing", nil, &have)
	}
	change := resource.Change{Ref: r.Ref, Class: resource.ClassNone}
	if !exists {
		change.Class, change.Reason = resource.ClassCreate, "it does not exist"
	} else if have.Text != c.Text || k.is("is never content") {
		change.Class, change.Reason = resource.ClassLive, "text differs"
	}
	state := k.state(r.Ref, r.IncusName, have, exists)
	switch k.fault {
	case "gives no reason":
		change.Reason = ""
	case "an unknown class":
		change.Class = "perhaps"
	case "sees what is not there":
		state.Exists = true
	case "no state of what is missing":
		if !exists {
			out.Changes = append(out.Changes, change)
			return nil
		}
	case "another name in the plan":
		state.IncusName += "-x"
	}
	out.Changes, out.States = append(out.Changes, change), append(out.States, state)
	return nil
}

func (k *keeper) state(ref resource.Ref, name string, b box, exists bool) resource.State {
	s := resource.State{Ref: ref, IncusName: name, Exists: exists, Declared: true, Status: resource.StatusMissing}
	if exists {
		s.Status, s.Outputs = resource.StatusStopped, k.outputs(b)
		if b.Running {
			s.Status = resource.StatusRunning
		}
		if k.is("other outputs in the plan") {
			s.Outputs = json.RawMessage(`{"text":"?"}`)
		}
	}
	return s
}

func (k *keeper) outputs(b box) json.RawMessage {
	raw, _ := json.Marshal(boxOutputs{Text: b.Text})
	return raw
}

func (k *keeper) Run(ctx context.Context, req sdk.RunRequest, _ resource.Sink) (*sdk.RunResult, error) {
	result, err := k.run(ctx, req)
	if err != nil && k.is("actions do not name the resource") {
		return nil, fmt.Errorf("no: %w", resource.AsError(err).WithResource(resource.Ref{}))
	}
	return result, resource.About(err, req.Resource.Ref, req.Action)
}

func (k *keeper) run(ctx context.Context, req sdk.RunRequest) (*sdk.RunResult, error) {
	if req.Resource.Kind != kindBox && !k.is("runs any kind") {
		return nil, resource.ErrUnknownResource
	}
	var have box
	err := ask(ctx, k.settings.IncusSocket, "GET", "/boxes/"+req.Resource.IncusName, nil, &have)
	exists := err == nil
	if err != nil && !errors.Is(err, errGone) {
		if k.is("does not mind the end of its context") {
			return &sdk.RunResult{}, nil
		}
		return nil, err
	}
	switch req.Action {
	case resource.ActionEnsure:
		return k.ensure(ctx, req, have, exists)
	case resource.ActionDelete:
		return k.delete(ctx, req, exists)
	case resource.ActionStart, resource.ActionStop:
		return k.turn(ctx, req, have, exists)
	}
	if k.is("knows any action") {
		return &sdk.RunResult{}, nil
	}
	return nil, resource.ErrUnsupportedAction
}
