package buildtool

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// wanted says which of the attributes that some tool lacks a build uses.
func wanted(c kinds.BuildConfig) map[string]bool {
	return map[string]bool{
		"additional_contexts": len(c.AdditionalContexts) > 0,
		"cache_from":          len(c.CacheFrom) > 0,
		"cache_to":            len(c.CacheTo) > 0,
		"entitlements":        len(c.Entitlements) > 0,
		"extra_hosts":         len(c.ExtraHosts) > 0,
		"network":             c.Network != "" && c.Network != "default",
		"no_cache_filter":     len(c.NoCacheFilter) > 0,
		"platforms":           len(c.Platforms) > 0,
		"privileged":          c.Privileged,
		"provenance":          on(c.Provenance),
		"sbom":                on(c.SBOM),
		"secrets":             len(c.Secrets) > 0,
		"shm_size":            c.ShmSize > 0,
		"ssh":                 len(c.SSH) > 0,
		"ulimits":             len(c.Ulimits) > 0,
	}
}

// Attributes returns the names of the attributes that a Tool or an Engine may list as unsupported, sorted.
func Attributes() []string { return slices.Sorted(maps.Keys(wanted(kinds.BuildConfig{}))) }

// Uses returns which of the Attributes a build uses, sorted.
func Uses(c kinds.BuildConfig) []string {
	var uses []string
	for attribute, used := range wanted(c) {
		if used {
			uses = append(uses, attribute)
		}
	}
	slices.Sort(uses)
	return uses
}

// on says whether an attestation is wanted: "false" and "" switch it off.
func on(value string) bool {
	return value != "" && value != "false" && !strings.Contains(value, "disabled=true")
}

// accept finds what is wrong with a build before anything of it runs, and returns the tool to build with.
func (b *builder) accept(ctx context.Context, req kinds.BuildRequest) (Engine, error) {
	if err := b.refuse(req.Build); err != nil {
		return nil, err
	}
	if err := check(req); err != nil {
		return nil, err
	}
	engine, err := b.inspect(ctx)
	if err != nil {
		return nil, resource.ErrBuild.WithText(err.Error()).
			WithHint(fmt.Sprintf("install it (%s) or choose another builder with --builder", b.Install))
	}
	if err := refuseHere(b.Name, engine.About().Unsupported, req.Build); err != nil {
		return nil, err
	}
	if err := checkExtras(req.Build); err != nil {
		return nil, err
	}
	if checker, ok := engine.(Checker); ok {
		err = checker.Check(ctx, req.Build)
	}
	return engine, err
}

// refuse names the first attribute that the tool never honours, before anything runs.
func (b *builder) refuse(c kinds.BuildConfig) error {
	uses := wanted(c)
	for _, attribute := range b.Unsupported {
		if uses[attribute] {
			return Cannot(b.Name, attribute, "")
		}
	}
	if b.Refuse == nil {
		return nil
	}
	return b.Refuse(c)
}

// refuseHere names the first attribute that the tool does not honour on this host, and why.
func refuseHere(tool string, unsupported map[string]string, c kinds.BuildConfig) error {
	uses := wanted(c)
	for _, attribute := range slices.Sorted(maps.Keys(unsupported)) {
		if uses[attribute] {
			return resource.ErrUnsupported.
				WithText(fmt.Sprintf("builder %s cannot honour build.%s here: %s", tool, attribute, unsupported[attribute])).
				WithHint(otherwise)
		}
	}
	return nil
}

const otherwise = "remove it, or choose another builder with --builder"

// Cannot says that a tool does not honour an attribute, or one value of it.
func Cannot(tool, attribute, value string) error {
	text := fmt.Sprintf("builder %s cannot honour build.%s", tool, attribute)
	if value != "" {
		text += fmt.Sprintf(" %q", value)
	}
	return resource.ErrUnsupported.WithText(text).WithHint(otherwise)
}
