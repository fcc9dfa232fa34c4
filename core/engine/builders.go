package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/icc-project/icc/core/host"
	"github.com/icc-project/icc/sdk"
)

// Choice is a builder that somebody has chosen; the zero value is nobody's.
type Choice struct {
	// Name is that of the plugin, with or without "builder-".
	Name string
	// By says who has chosen it: "--builder", "x-icc.builder".
	By string
}

// Is reports whether it is the builder of that name.
func (c Choice) Is(builder string) bool { return c.Name == builder || c.Name == "builder-"+builder }

// BuilderState is a builder that was found and what it says of its tool.
type BuilderState struct {
	// Name is that of the plugin without "icc-plugin-builder-".
	Name string
	// Probe is nil when the builder could not be asked; Err says why.
	Probe   *sdk.Probe
	Err     error
	builder sdk.Builder
}

// Available reports whether the builder can build.
func (b BuilderState) Available() bool { return b.Probe != nil && b.Probe.Available }

// Reason says why the builder is not available.
func (b BuilderState) Reason() string {
	switch {
	case b.Err != nil:
		return b.Err.Error()
	case b.Available():
		return ""
	}
	return b.Probe.Reason
}

// chosenBuilder is the builder to use, nil as long as there is none.
type chosenBuilder struct {
	sync.Mutex
	sdk.Builder
}

// chosenBuilder returns the builder to use, for which it looks once. An error says who has chosen it.
func (e *Engine) chosenBuilder(ctx context.Context) (sdk.Builder, error) {
	e.chosen.Lock()
	defer e.chosen.Unlock()
	if e.chosen.Builder != nil {
		return e.chosen.Builder, nil
	}
	builder, err := e.plugins.Builder(ctx, e.builder.Name)
	switch {
	case err == nil:
		e.chosen.Builder = builder
	case e.builder.By != "":
		err = fmt.Errorf("the builder that %s names: %w", e.builder.By, err)
	}
	return builder, err
}

// Builders asks all builders of a host about their tools; they are ordered by name.
func Builders(ctx context.Context, h *host.Host) ([]BuilderState, error) {
	found, err := h.Builders(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]BuilderState, len(found))
	for i, b := range found {
		states[i] = BuilderState{Name: b.Name, builder: b.Builder}
		states[i].Probe, states[i].Err = b.Probe(ctx)
	}
	return states, ctx.Err()
}

// Best returns the available builder with the highest score, which builds when none is named; nil when there is none.
func Best(states []BuilderState) *BuilderState {
	var best *BuilderState
	for i, b := range states {
		if b.Available() && (best == nil || b.Probe.Score > best.Probe.Score) {
			best = &states[i]
		}
	}
	return best
}
