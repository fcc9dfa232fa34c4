package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Plan implements sdk.Provider with one listing for each storage pool in use.
func (p *provider) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if err := sdk.CheckKind(req.Kind, resource.KindStorageVolume); err != nil {
		return nil, err
	}
	s := p.Settings()
	volumes := make([]volume, len(req.Resolved))
	for i, r := range req.Resolved {
		v, err := parse(s, r)
		if err != nil {
			return nil, err
		}
		volumes[i] = v
	}
	seen, err := observe(ctx, s, volumes, req)
	if err != nil {
		return nil, err
	}
	if req.Options.Create { // who only looks or removes takes volumes where they are
		if err := searchElsewhere(ctx, s, volumes, seen); err != nil {
			return nil, err
		}
	}
	out := &sdk.PlanResult{}
	declared := map[resource.Ref]bool{}
	named := map[place]bool{}
	for i, v := range volumes {
		at := place{v.pool, v.incusName}
		sv, exists := seen[at]
		declared[v.ref], named[at] = true, true
		if old, moves := seen.elsewhere(v); moves && !exists && req.Options.Create {
			named[old] = true
			out.States, out.Changes = append(out.States, v.moving()), append(out.Changes, v.move(old))
			continue
		}
		out.States = append(out.States, v.state(sv, exists))
		out.Changes = append(out.Changes, v.change(sv, exists))
		if exists && !v.foreign(sv) {
			out.Drift = append(out.Drift, v.drift(sv)...)
		}
		if d := v.finding(s, sv, exists, req.Options.Create); d != nil {
			d.Ref, d.Position = v.ref, req.Resolved[i].Position
			out.Diagnostics = append(out.Diagnostics, *d)
		}
	}
	out.States = append(out.States, orphans(s, seen, declared, named)...)
	return out, nil
}

// foreign says that the existing volume was made by somebody else: it is used as it is.
func (v volume) foreign(sv api.StorageVolume) bool {
	return v.External || !incus.Belongs(sv.Config, v.Project)
}

func (v volume) state(sv api.StorageVolume, exists bool) resource.State {
	st := resource.State{
		Ref: v.ref, IncusName: v.incusName, Exists: exists, Declared: true,
		Status: resource.StatusMissing, External: v.External, Persistent: !v.ephemeral(),
	}
	if !exists {
		// What the volume will be is known already, and those that mount it want to plan with it.
		st.Outputs = sdk.MustEncode(kinds.VolumeOutputs{
			Pool: v.pool, IncusName: v.incusName, External: v.External, Ephemeral: v.ephemeral(),
		})
		return st
	}
	st.Status, st.External = resource.StatusAvailable, v.foreign(sv)
	st.Outputs = sdk.MustEncode(outputs(v.pool, st.External, sv))
	return st
}

// change compares the volume with its declaration. What differs is changed in place, but for what counts when a volume is
// made: that takes a new one, and the data of the old one.
func (v volume) change(sv api.StorageVolume, exists bool) resource.Change {
	c := resource.Change{Ref: v.ref, Class: resource.ClassNone}
	switch {
	case !exists && v.External:
		c.Class, c.Reason = resource.ClassCreate, "the external volume does not exist"
		return c
	case !exists:
		c.Class, c.Reason = resource.ClassCreate, "does not exist"
		return c
	case v.foreign(sv):
		return c
	}
	c.Fields = v.differences(sv.Config)
	if len(c.Fields) > 0 {
		var names []string
		for _, f := range c.Fields {
			names = append(names, f.Name())
		}
		c.Class, c.Reason = worst(c.Fields), resource.Differing(names)
	}
	if sv.Config[keyIncomplete] != "" && c.Class != resource.ClassRecreate {
		c.Class, c.Reason = resource.ClassLive, "filling it was interrupted"
	}
	return c
}

// differences lists the configuration keys and files that are not as declared, sorted by path.
func (v volume) differences(current map[string]string) []resource.FieldChange {
	var out []resource.FieldChange
	add := func(key, before, after string) {
		out = append(out, resource.FieldChange{
			Path: "config." + key, Compose: composeName(key), Before: before, After: after, Class: keyClass(key),
		})
	}
	for k, want := range v.wanted() {
		have, there := current[k]
		if have != want && !unremarkable(k, there) {
			add(k, have, want)
		}
	}
	for _, k := range v.unwanted(current) {
		add(k, current[k], "")
	}
	recorded := readContents(current)
	for _, f := range v.Files {
		if recorded[f.Path] != digest(f) {
			out = append(out, resource.FieldChange{Path: "files." + f.Path, Class: resource.ClassLive, Sensitive: f.Sensitive})
		}
	}
	slices.SortFunc(out, func(a, b resource.FieldChange) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// unremarkable says whether a key is no reason to write when it is not as it would be written: those of icc's own that say
// nothing of the volume, and the mark that older versions did not know. It comes along with the next change.
func unremarkable(key string, there bool) bool {
	switch key {
	case resource.KeyApplied:
		return true
	case resource.KeyVersion, resource.KeyOwned:
		return there
	case resource.KeyObject:
		return !there
	}
	return false
}

// finding reports what the user should know before anything happens.
func (v volume) finding(s sdk.Settings, sv api.StorageVolume, exists, creating bool) *resource.Diagnostic {
	switch {
	case !exists && v.External && creating:
		e := v.missingExternal(s)
		return &resource.Diagnostic{Severity: resource.SeverityError, Text: e.Text, Hint: e.Hint}
	case exists && !v.External && v.foreign(sv):
		return &resource.Diagnostic{
			Severity: resource.SeverityWarning,
			Text:     fmt.Sprintf("volume %q exists already and was not made by this project; it is used as it is and never deleted", v.incusName),
			Hint:     "declare it with `external: true`, or choose another name",
		}
	}
	return nil
}

func (v volume) missingExternal(s sdk.Settings) *resource.Error {
	project := cmp.Or(s.IncusProject, "default")
	hint := fmt.Sprintf("create it with `incus storage volume create %s %s --project %s`, or remove `external: true`",
		v.pool, v.incusName, project)
	if s.ProjectOwned {
		hint = "an Incus project sees its own volumes only: work in the one that has the volume with --incus-project NAME, or remove `external: true`"
	}
	return resource.ErrNotFound.WithResource(v.ref).
		WithText(fmt.Sprintf("the external volume %q does not exist in pool %q of Incus project %q", v.incusName, v.pool, project)).
		WithHint(hint)
}

// orphans returns the volumes of this Compose project that no declaration names, sorted.
func orphans(s sdk.Settings, seen observation, declared map[resource.Ref]bool, named map[place]bool) []resource.State {
	var out []resource.State
	for at, sv := range seen {
		if named[at] || !incus.Belongs(sv.Config, s.ComposeProject) || !incus.Original(sv.Config, sv.Name) {
			continue
		}
		ref := resource.Ref{Kind: resource.KindStorageVolume, Name: cmp.Or(sv.Config[resource.KeyName], sv.Name)}
		if declared[ref] {
			ref.Name += "@" + at.pool // left behind where the declaration no longer puts it
		}
		out = append(out, resource.State{
			Ref: ref, IncusName: sv.Name, Exists: true, Status: resource.StatusAvailable,
			Outputs: sdk.MustEncode(outputs(at.pool, false, sv)), Persistent: sv.Config[kinds.KeyVolumeEphemeral] != "true",
		})
	}
	slices.SortFunc(out, func(a, b resource.State) int { return strings.Compare(a.Name, b.Name) })
	return out
}
