package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func (k *keeper) put(ctx context.Context, b box) error {
	return ask(ctx, k.settings.IncusSocket, "PUT", "/boxes/"+b.Name, b, &b)
}

func (k *keeper) ensure(ctx context.Context, req sdk.RunRequest, have box, exists bool) (*sdk.RunResult, error) {
	var c boxConfig
	if err := json.Unmarshal(req.Resource.Config, &c); err != nil {
		return nil, err
	}
	switch {
	case k.is("believes the plan"):
		exists = req.State.Exists
	case k.is("believes its memory"):
		exists = k.made[req.Resource.IncusName]
	}
	if !exists && !req.Options.Create && !k.is("needs no permission") {
		return nil, resource.ErrNotFound
	}
	result := &sdk.RunResult{Created: !exists, Changed: !exists || have.Text != c.Text}
	want := box{Name: req.Resource.IncusName, Project: k.settings.ComposeProject, Declared: req.Resource.Name, Text: c.Text, Running: have.Running}
	if result.Changed || k.is("writes always") {
		if err := k.make(ctx, want, exists); err != nil {
			return nil, err
		}
	}
	result.Outputs = k.outputs(want)
	switch k.fault {
	case "says nothing was created":
		result.Created = false
	case "says something has changed":
		result.Changed = true
	case "other outputs the second time":
		if exists {
			result.Outputs = json.RawMessage(`{"text":"?"}`)
		}
	case "asks for ever":
		return &sdk.RunResult{Needs: []sdk.Need{{Kind: "build", Name: "web"}}}, nil
	}
	return result, nil
}

// make writes in two steps, and takes the first one back when the second fails. A step that has begun is waited for: a
// server may carry out a request that nobody waits for after the one that undoes it.
func (k *keeper) make(ctx context.Context, want box, exists bool) error {
	if k.is("believes its memory") {
		if k.made == nil {
			k.made = map[string]bool{}
		}
		k.made[want.Name] = true
	}
	if exists {
		return k.put(ctx, want)
	}
	begun := want
	begun.Text = "unfinished"
	err := errors.Join(k.put(context.WithoutCancel(ctx), begun), ctx.Err())
	if k.is("leaves half a box") {
		// A request in the middle, at which it can be cancelled for certain.
		err = errors.Join(err, ask(ctx, k.settings.IncusSocket, "GET", "/boxes", nil, &map[string]box{}))
		select {
		case <-ctx.Done():
			err = errors.Join(err, ctx.Err())
		case <-time.After(2 * time.Second): // a busy machine takes a while to tell
		}
	}
	if err == nil {
		err = errors.Join(k.put(context.WithoutCancel(ctx), want), ctx.Err())
	}
	if err != nil && !k.is("leaves half a box") {
		undo := context.WithoutCancel(ctx)
		gone := ask(undo, k.settings.IncusSocket, "DELETE", "/boxes/"+want.Name, nil, &begun)
		if gone != nil && !errors.Is(gone, errGone) {
			return errors.Join(err, gone)
		}
	}
	if err != nil && k.is("fails for another reason") {
		return resource.ErrOperation
	}
	return err
}

func (k *keeper) delete(ctx context.Context, req sdk.RunRequest, exists bool) (*sdk.RunResult, error) {
	switch {
	case k.is("deletes nothing"):
		return &sdk.RunResult{Changed: exists}, nil
	case !exists && k.is("cannot delete what is gone"):
		return nil, resource.ErrNotFound
	case len(req.Resource.Config) == 0 && k.is("deletes with a configuration only"):
		return nil, resource.ErrNilPointer
	case !exists:
		return &sdk.RunResult{Changed: k.is("deletes twice")}, nil
	}
	err := ask(ctx, k.settings.IncusSocket, "DELETE", "/boxes/"+req.Resource.IncusName, nil, &box{})
	return &sdk.RunResult{Changed: !k.is("deletes without a word")}, err
}

func (k *keeper) turn(ctx context.Context, req sdk.RunRequest, have box, exists bool) (*sdk.RunResult, error) {
	on := req.Action == resource.ActionStart
	switch {
	case !exists:
		return nil, resource.ErrNotFound
	case have.Running == on:
		return &sdk.RunResult{Changed: k.is("starts twice")}, nil
	case k.is("does not stop") && !on:
		return &sdk.RunResult{Changed: true}, nil
	}
	have.Running = on
	return &sdk.RunResult{Changed: true}, k.put(ctx, have)
}
