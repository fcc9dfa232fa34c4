package main

import (
	"context"
	"encoding/json"
	"fmt"

	client "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// job is one image to bring onto the server.
type job struct {
	wanted
	settings sdk.Settings
	server   client.InstanceServer
	sink     resource.Sink
	// found is what is there now.
	found image
}

// ensure brings an image onto the server. When nothing was planned for it, nobody is asked anything.
func (p *provider) ensure(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	if req.Change.Class == resource.ClassNone && req.State.Exists {
		return &sdk.RunResult{Outputs: req.State.Outputs}, nil
	}
	j, err := p.newJob(ctx, req, sink)
	if err != nil {
		return nil, err
	}
	todo, _, err := decide(j.wanted, j.found, req.Options, p.now())
	if err != nil {
		return nil, err
	}
	if todo == stepNone {
		return j.result(j.found, false), nil
	}
	if !j.found.exists && !req.Options.Create {
		return nil, resource.ErrNotFound.
			WithText(fmt.Sprintf("image %s is not on the server", j.alias)).WithHint("create it with `icc up` or `icc pull`")
	}
	if j.needsOCI() {
		if err := requireOCI(j.settings); err != nil {
			return nil, err
		}
	}
	if todo == stepBuild || todo == stepRebuild {
		return p.build(ctx, j, req)
	}
	got, err := p.fetch(ctx, j)
	if err != nil && todo == stepRefresh && j.policy.patient(req.Options) && ctx.Err() == nil {
		sink.Notice(resource.LevelWarning, fmt.Sprintf("image %s stays as it is, its source could not be asked for a newer one: %s",
			j.alias, oneLine(err)))
		return j.result(j.found, false), nil
	}
	if err != nil {
		return nil, err
	}
	return j.result(got, got.Fingerprint != j.found.Fingerprint || got.record.Digest != j.found.record.Digest), nil
}

func (p *provider) newJob(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*job, error) {
	s := p.Settings()
	w, err := read(s, req.Resource.Config)
	if err != nil {
		return nil, err
	}
	server, err := incus.DialEvents(ctx, s)
	if err != nil {
		return nil, err
	}
	found, err := lookup(server, w.alias)
	if err != nil {
		return nil, err
	}
	return &job{wanted: w, settings: s, server: server, sink: sink, found: found}, nil
}

// fetch has the image pulled from where it comes from.
func (p *provider) fetch(ctx context.Context, j *job) (image, error) {
	if j.ref.Source == reference.Native {
		return j.fetchNative(ctx, p.now())
	}
	return j.fetchOCI(ctx, p.now())
}

func (j *job) result(img image, changed bool) *sdk.RunResult {
	return &sdk.RunResult{Outputs: sdk.MustEncode(img.outputs(j.ref)), Changed: changed, Created: changed && !j.found.exists}
}

// decode reads the answer to a need.
func decode[T any](raw json.RawMessage) (*T, error) {
	if raw == nil {
		return nil, nil
	}
	out := new(T)
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return out, nil
}
