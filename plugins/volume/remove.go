package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// remove deletes a volume that icc made for this Compose project, and nobody else's.
func remove(ctx context.Context, s sdk.Settings, v volume, req sdk.RunRequest) (*sdk.RunResult, error) {
	if v.External || req.State.External {
		return &sdk.RunResult{}, nil
	}
	locate(&v, req.State)
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	if v.pool == "" {
		return nil, noPool(server)
	}
	sv, _, err := get(server, v)
	switch {
	case errors.Is(err, resource.ErrNotFound):
		return &sdk.RunResult{}, nil
	case err != nil:
		return nil, fmt.Errorf("reading volume %q: %w", v.incusName, err)
	case !incus.Belongs(sv.Config, s.ComposeProject):
		return &sdk.RunResult{}, nil
	case len(sv.UsedBy) > 0:
		return nil, inUse(v.incusName, incus.Users(sv.UsedBy)...)
	}
	err = server.DeleteStoragePoolVolume(v.pool, volumeType, v.incusName)
	if err != nil && !incus.IsNotFound(err) {
		if sv, _, getErr := get(server, v); getErr == nil && len(sv.UsedBy) > 0 {
			return nil, inUse(v.incusName, incus.Users(sv.UsedBy)...)
		}
		return nil, fmt.Errorf("deleting volume %q: %w", v.incusName, incus.MapError(err))
	}
	return &sdk.RunResult{Changed: true}, nil
}

// locate takes the names from what Plan saw, which is all that is known of an undeclared volume.
func locate(v *volume, st resource.State) {
	var seen kinds.VolumeOutputs
	if json.Unmarshal(st.Outputs, &seen) != nil {
		return
	}
	if seen.Pool != "" && v.Pool == "" {
		v.pool = seen.Pool
	}
	if v.incusName == "" {
		v.incusName = st.IncusName
	}
}

func inUse(name string, users ...incus.User) error {
	var who []string
	for _, u := range users {
		who = append(who, u.Name)
	}
	slices.Sort(who)
	return resource.ErrConflict.WithText(fmt.Sprintf("volume %q is in use by %s", name, strings.Join(who, ", "))).
		WithHint("remove what uses it first, with `icc down` or, if icc did not make it, `incus delete`")
}
