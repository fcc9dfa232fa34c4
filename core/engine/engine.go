package engine

import (
	"context"
	"io"
	"sync"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Plugins is where the engine gets its providers from; core/host implements it with processes.
type Plugins interface {
	// Kinds describes every kind that some plugin manages.
	Kinds(ctx context.Context) ([]sdk.Kind, error)
	Provider(ctx context.Context, kind resource.Kind) (sdk.Provider, error)
	// Builder returns the builder of that name, or the best available one when name is empty.
	Builder(ctx context.Context, name string) (sdk.Builder, error)
}

// DefaultWorkers is how many actions run at once unless Config says otherwise.
const DefaultWorkers = 8

// Config sets up an Engine.
type Config struct {
	Plugins Plugins
	// Events takes what happens; nil drops it. The engine serialises the calls.
	Events event.Handler
	// Workers bounds the actions that run at once; 0 means DefaultWorkers.
	Workers int
	// Builder is the builder to use; the zero value means the best available one.
	Builder Choice
	// Stdin is where a build context may come from that is the standard input; nil allows none.
	Stdin io.Reader
}

// Engine resolves, observes and applies. It may be used by several goroutines.
type Engine struct {
	plugins Plugins
	emit    event.Handler
	workers int
	builder Choice
	stdin   *stdin
	// built are the images that the builder has made, by name.
	built sync.Map
	// checked are the images of which the builder has found that it can build them, by name.
	checked sync.Map
	// chosen is the builder once it was looked for; limits are its own.
	chosen chosenBuilder
	limits builderLimits
}

// Kinds returns every kind that some plugin manages.
func (e *Engine) Kinds(ctx context.Context) ([]resource.Kind, error) {
	known, err := e.plugins.Kinds(ctx)
	var kinds []resource.Kind
	for _, k := range known {
		kinds = append(kinds, k.Kind)
	}
	return kinds, err
}

// New returns an engine.
func New(c Config) *Engine {
	if c.Events == nil {
		c.Events = event.Discard
	}
	if c.Workers <= 0 {
		c.Workers = DefaultWorkers
	}
	return &Engine{plugins: c.Plugins, emit: event.Serial(c.Events), workers: c.Workers, builder: c.Builder, stdin: &stdin{from: c.Stdin}}
}
