package engine

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Glance is a look at the server that began before it was known what is wanted there. It serves one Observe.
type Glance struct {
	mu    sync.Mutex
	looks map[resource.Kind]*listing
}

// listing is that of one kind, in progress until done is closed.
type listing struct {
	done     chan struct{}
	snapshot json.RawMessage
	err      error
}

// Look begins to list the kinds and returns at once. Plugins must have the settings they will be asked with.
func (e *Engine) Look(ctx context.Context, kinds ...resource.Kind) *Glance {
	g := &Glance{looks: make(map[resource.Kind]*listing)}
	for _, kind := range kinds {
		l := &listing{done: make(chan struct{})}
		g.looks[kind] = l
		go func() {
			defer close(l.done)
			l.snapshot, l.err = e.look(ctx, kind)
		}()
	}
	return g
}

func (e *Engine) look(ctx context.Context, kind resource.Kind) (json.RawMessage, error) {
	p, err := e.plugins.Provider(ctx, kind)
	if err != nil {
		return nil, err
	}
	looker, ok := p.(sdk.Looker)
	if !ok {
		return nil, nil
	}
	return looker.Look(ctx, kind)
}

// take waits for the listing of a kind and hands it out once; a second Observe must see the server anew. A look that
// failed yields nothing: the Plan that follows asks again and says what is wrong.
func (g *Glance) take(ctx context.Context, kind resource.Kind) json.RawMessage {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	l := g.looks[kind]
	delete(g.looks, kind)
	g.mu.Unlock()
	if l == nil {
		return nil
	}
	select {
	case <-l.done:
	case <-ctx.Done():
	}
	if ctx.Err() != nil || l.err != nil {
		return nil
	}
	return l.snapshot
}
