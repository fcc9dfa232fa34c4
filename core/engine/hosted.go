package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/icc-project/icc/core/host"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Hosted returns the plugins of a host.
func Hosted(h *host.Host) Plugins { return hosted{h} }

type hosted struct{ *host.Host }

// Kinds implements Plugins. Plugins that cannot be used are left out: whoever needs their kinds gets the reason from
// Provider.
func (h hosted) Kinds(ctx context.Context) ([]sdk.Kind, error) {
	infos, err := h.Plugins(ctx)
	if err != nil {
		return nil, err
	}
	var kinds []sdk.Kind
	for _, info := range infos {
		if info.Description != nil {
			kinds = append(kinds, info.Description.Kinds...)
		}
	}
	if len(kinds) == 0 {
		return nil, resource.ErrNoPlugin.WithText("no resource plugins were found").
			WithHint("`icc plugin list` shows where icc looks; plugins are named icc-plugin-<name>")
	}
	return kinds, nil
}

// Builder implements Plugins: the named builder, or the available one with the highest score.
func (h hosted) Builder(ctx context.Context, name string) (sdk.Builder, error) {
	if name != "" {
		return h.namedBuilder(ctx, name)
	}
	all, err := Builders(ctx, h.Host)
	if err != nil {
		return nil, err
	}
	if best := Best(all); best != nil {
		return best.builder, nil
	}
	var reasons []string
	for _, b := range all {
		reasons = append(reasons, b.Name+": "+b.Reason())
	}
	return nil, resource.ErrNoPlugin.WithText("no image builder is available" + parenthesis(reasons)).
		WithHint("install podman, buildah or docker; `icc builder list` shows what was found")
}

// namedBuilder refuses a builder whose tool is missing instead of falling back to another one.
func (h hosted) namedBuilder(ctx context.Context, name string) (sdk.Builder, error) {
	b, err := h.Host.Builder(ctx, name)
	if err != nil {
		return nil, err
	}
	probe, err := b.Probe(ctx)
	if err != nil {
		return nil, err
	}
	if !probe.Available {
		return nil, resource.ErrNoPlugin.WithText(fmt.Sprintf("builder %q is not available: %s", name, probe.Reason)).
			WithHint("install its tool, or choose another with --builder; `icc builder list` shows what was found")
	}
	return b, nil
}

func parenthesis(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return " (" + strings.Join(reasons, "; ") + ")"
}
