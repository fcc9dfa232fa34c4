package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Provider returns the provider of a kind, which starts its plugin on first use. It also implements sdk.Sessions
// and sdk.Caller.
func (h *Host) Provider(ctx context.Context, kind resource.Kind) (sdk.Provider, error) {
	p, _, err := h.find(ctx, kind)
	if err != nil {
		return nil, err
	}
	return &supervised{program: p}, nil
}

// Kind returns the description of a kind, without starting its plugin when the description is cached.
func (h *Host) Kind(ctx context.Context, kind resource.Kind) (sdk.Kind, error) {
	_, k, err := h.find(ctx, kind)
	return k, err
}

// NamedBuilder is a builder and the name of its plugin without the prefix "builder-", for example "podman".
type NamedBuilder struct {
	Name string
	sdk.Builder
}

// Builders returns all builders, ordered by name.
func (h *Host) Builders(ctx context.Context) ([]NamedBuilder, error) {
	var out []NamedBuilder
	for _, a := range h.describe(ctx, h.programs(), false) {
		if a.description != nil && a.description.Builder != nil {
			name := strings.TrimPrefix(a.program.name, builderPrefix)
			out = append(out, NamedBuilder{Name: name, Builder: &supervised{program: a.program}})
		}
	}
	slices.SortFunc(out, func(a, b NamedBuilder) int { return strings.Compare(a.Name, b.Name) })
	return out, ctx.Err()
}

// Builder returns the builder of a name: "podman" or "builder-podman".
func (h *Host) Builder(ctx context.Context, name string) (sdk.Builder, error) {
	for _, p := range h.programs() {
		if p.name != name && p.name != builderPrefix+name {
			continue
		}
		d, err := p.describe(ctx, true)
		if err != nil {
			return nil, err
		}
		if d.Builder != nil {
			return &supervised{program: p}, nil
		}
	}
	return nil, resource.ErrNoPlugin.WithText(fmt.Sprintf("there is no builder %q", name)).
		WithHint(fmt.Sprintf("install %s%s%s, or see what there is with: icc builder list", prefix, builderPrefix, name))
}

// Info is what is known of a plugin file.
type Info struct {
	Name string
	Path string
	// SHA256 is the file's checksum in hexadecimal, empty when the file was refused before it was read.
	SHA256 string
	// Description is nil when Err is not.
	Description *sdk.Description
	// Running says that this host has started it.
	Running bool
	// Err says why the plugin cannot be used.
	Err error
}

// Plugins returns all plugins of the search path, usable or not, ordered by name.
func (h *Host) Plugins(ctx context.Context) ([]Info, error) {
	var out []Info
	for _, a := range h.describe(ctx, h.programs(), true) {
		sum, running := a.program.status()
		out = append(out, Info{
			Name: a.program.name, Path: a.program.path, SHA256: sum,
			Description: a.description, Running: running, Err: a.err,
		})
	}
	slices.SortFunc(out, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	return out, ctx.Err()
}

// Prefetch begins to start the plugins of the kinds, in their order, and returns at once.
func (h *Host) Prefetch(kinds ...resource.Kind) {
	h.goStart(func(ctx context.Context) {
		for _, kind := range kinds {
			if p, _, err := h.find(ctx, kind); err == nil {
				p.prefetch()
			}
		}
	})
}

// answer is what a program says of itself.
type answer struct {
	program     *program
	description *sdk.Description
	err         error
}

// describe asks the programs side by side what they are, and remembers what it learns.
func (h *Host) describe(ctx context.Context, programs []*program, insist bool) []answer {
	out := make([]answer, len(programs))
	var asking sync.WaitGroup
	for i, p := range programs {
		asking.Go(func() {
			d, err := p.describe(ctx, insist)
			out[i] = answer{program: p, description: d, err: err}
		})
	}
	asking.Wait()
	if err := h.memory().save(); err != nil {
		h.opts.Logger.Warn("cannot remember the plugins", "error", err)
	}
	return out
}

// find returns the first program in the search path that offers a kind. Plugins that failed to describe themselves
// are asked again only when no other offers it.
func (h *Host) find(ctx context.Context, kind resource.Kind) (*program, sdk.Kind, error) {
	answers := h.describe(ctx, h.programs(), false)
	if p, k, ok := pick(answers, kind); ok {
		return p, k, nil
	}
	if slices.ContainsFunc(answers, func(a answer) bool { return errors.Is(a.err, errFailedBefore) }) {
		answers = h.describe(ctx, h.programs(), true)
		if p, k, ok := pick(answers, kind); ok {
			return p, k, nil
		}
	}
	if ctx.Err() != nil {
		return nil, sdk.Kind{}, ctx.Err()
	}
	return nil, sdk.Kind{}, h.missing(kind, answers)
}

func pick(answers []answer, kind resource.Kind) (*program, sdk.Kind, bool) {
	for _, a := range answers {
		if a.description == nil {
			continue
		}
		for _, k := range a.description.Kinds {
			if k.Kind == kind {
				return a.program, k, true
			}
		}
	}
	return nil, sdk.Kind{}, false
}

// missing says that no plugin offers a kind. When plugins could not be asked, one of them may be the reason: the one
// with the kind's name surely is.
func (h *Host) missing(kind resource.Kind, answers []answer) error {
	var failed []error
	for _, a := range answers {
		if a.err == nil {
			continue
		}
		if a.program.name == string(kind) {
			return a.err
		}
		failed = append(failed, a.err)
	}
	err := resource.ErrNoPlugin.WithText(fmt.Sprintf("no plugin offers the kind %q", kind))
	if len(failed) > 0 {
		return err.Wrap(errors.Join(failed...))
	}
	return err.WithHint(fmt.Sprintf("install %s%s into one of: %s", prefix, kind, strings.Join(h.opts.Dirs, ", ")))
}
