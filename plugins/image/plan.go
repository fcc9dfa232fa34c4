package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Plan implements sdk.Provider. It asks the server once and no registry at all.
func (p *provider) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if err := sdk.CheckKind(req.Kind, resource.KindImage); err != nil {
		return nil, err
	}
	s := p.Settings()
	list, err := p.images(ctx, req.Snapshot)
	if err != nil {
		return nil, err
	}
	found := byAlias(list)
	out := &sdk.PlanResult{}
	declared := map[string]bool{}
	for _, r := range req.Resolved {
		p.planOne(out, r, found, req.Options)
		declared[r.IncusName] = true
	}
	for _, alias := range slices.Sorted(maps.Keys(found)) {
		img := found[alias]
		if declared[alias] || !img.ours || s.ComposeProject == "" || img.record.Project != s.ComposeProject {
			continue
		}
		out.States = append(out.States, stateOf(resource.Ref{Kind: resource.KindImage, Name: nameOf(img)}, img, reference.Reference{}))
	}
	return out, nil
}

func (p *provider) planOne(out *sdk.PlanResult, r resource.Resolved, found map[string]image, opts resource.Options) {
	s := p.Settings()
	w, err := read(s, r.Config)
	if err != nil {
		out.Diagnostics = append(out.Diagnostics, problem(r.Ref, r.Position, err))
	}
	img, ok := found[r.IncusName]
	if !ok {
		img.alias = r.IncusName
	}
	state := stateOf(r.Ref, img, w.ref)
	state.Declared = true
	out.States = append(out.States, state)
	change := resource.Change{Ref: r.Ref, Class: resource.ClassNone}
	if err == nil {
		change, err = planChange(w, img, opts, s, p)
		change.Ref = r.Ref
		// Whoever only looks (ps, down) is not told what would stand in the way of an up.
		if err != nil && opts.Create {
			out.Diagnostics = append(out.Diagnostics, problem(r.Ref, r.Position, err))
		}
	}
	out.Changes = append(out.Changes, change)
}

func planChange(w wanted, img image, opts resource.Options, s sdk.Settings, p *provider) (resource.Change, error) {
	todo, reason, err := decide(w, img, opts, p.now())
	change := resource.Change{Class: resource.ClassNone}
	switch todo {
	case stepPull:
		change.Class, change.Reason = resource.ClassCreate, fmt.Sprintf("pull %s: %s", w.alias, reason)
	case stepBuild:
		change.Class, change.Reason = resource.ClassCreate, fmt.Sprintf("build %s: %s", w.config.Reference, reason)
	case stepRefresh:
		change.Class, change.Reason = resource.ClassLive, fmt.Sprintf("pull %s: %s", w.alias, reason)
	case stepRebuild:
		change.Class, change.Reason = resource.ClassRebuild, fmt.Sprintf("build %s: %s", w.config.Reference, reason)
	}
	if err != nil && !img.exists {
		change.Class, change.Reason = resource.ClassCreate, "not on the server"
	}
	if err == nil && (todo == stepBuild || todo == stepRebuild) {
		err = w.builtFor()
	}
	if err == nil && w.needsOCI() {
		err = requireOCI(s)
	}
	return change, err
}

// needsOCI says whether instances of the image are application containers.
func (w wanted) needsOCI() bool { return w.config.Build != nil || w.ref.Source == reference.OCI }

// requireOCI refuses servers that cannot run OCI images. Without a server nothing is known and nothing refused.
func requireOCI(s sdk.Settings) error {
	if len(s.APIExtensions) == 0 || slices.Contains(s.APIExtensions, "instance_oci") {
		return nil
	}
	return resource.ErrUnsupported.
		WithText(strings.TrimSpace(fmt.Sprintf("the server runs Incus %s, which cannot run OCI images", s.ServerVersion))).
		WithHint("upgrade it to Incus 6.3 or later (7.0 LTS is recommended), or use native images such as \"images:debian/13\"")
}

// stateOf describes what the server has.
func stateOf(ref resource.Ref, img image, parsed reference.Reference) resource.State {
	state := resource.State{Ref: ref, IncusName: img.alias, Status: resource.StatusMissing, Persistent: true}
	if !img.exists {
		return state
	}
	state.Outputs = sdk.MustEncode(img.outputs(parsed))
	state.Exists, state.Status, state.External = true, resource.StatusAvailable, !img.ours
	return state
}

// nameOf is what the compose file called an image that icc built.
func nameOf(img image) string {
	if img.record.Name != "" {
		return img.record.Name
	}
	return img.alias
}
