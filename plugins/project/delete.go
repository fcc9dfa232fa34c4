package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// deleteProject removes the Incus project of this Compose project when nothing is left in it. What somebody may want to
// keep keeps it, too.
func (s *server) deleteProject(req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	name := req.Resource.IncusName
	p, _, err := s.get(name)
	if err != nil || p == nil {
		return &sdk.RunResult{}, err
	}
	if !sdkincus.Belongs(p.Config, req.Resource.Name) {
		return &sdk.RunResult{}, nil // somebody else's
	}
	own := s.lockPrefix() + s.settings.Run
	if left := contents(p, own); len(left) > 0 {
		sink.Notice(resource.LevelInfo, stays(name, left))
		return &sdk.RunResult{}, nil
	}
	if s.settings.Run != "" {
		// The lock goes with what it is for. Who takes it from here on keeps the project.
		if err := s.DeleteProfile(own); err != nil && !sdkincus.IsNotFound(err) {
			return nil, fmt.Errorf("unlocking Incus project %q: %w", name, sdkincus.MapError(err))
		}
	}
	err = s.DeleteProject(name)
	switch {
	case err == nil:
		return &sdk.RunResult{Changed: true}, nil
	case sdkincus.IsNotFound(err):
		return &sdk.RunResult{}, nil
	case strings.Contains(err.Error(), "empty"): // something came in since
		sink.Notice(resource.LevelInfo, stays(name, []string{"something"}))
		return &sdk.RunResult{}, nil
	}
	return nil, fmt.Errorf("deleting Incus project %q: %w", name, sdkincus.MapError(err))
}

// contents names what is in an Incus project: "volume data", "instance web-1". Its default profile is part of itself, and
// the lock of the run that asks goes with it.
func contents(p *api.Project, lock string) []string {
	var out []string
	for _, u := range sdkincus.Users(p.UsedBy) {
		switch {
		case u.Kind == "profile" && (u.Name == api.ProjectDefaultName || u.Name == lock):
		case strings.HasPrefix(u.Name, lockNames):
			out = append(out, "lock of another icc")
		default:
			out = append(out, u.String())
		}
	}
	slices.Sort(out)
	return out
}

// stays says why an Incus project is not deleted.
func stays(name string, left []string) string {
	const enough = 3
	what := strings.Join(left, ", ")
	if len(left) > enough {
		what = fmt.Sprintf("%s and %d more", strings.Join(left[:enough], ", "), len(left)-enough)
	}
	text := fmt.Sprintf("Incus project %s stays, because it holds %s", name, what)
	if slices.ContainsFunc(left, func(s string) bool { return strings.HasPrefix(s, "volume ") }) {
		text += "; `icc down --volumes` removes volumes"
	}
	return text
}
