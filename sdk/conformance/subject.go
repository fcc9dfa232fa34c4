package conformance

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// subject is the provider under test, reached in one way.
type subject struct {
	Case
	provider sdk.Provider
	open     opener
	// patience is how long a cancelled action may take to undo what it did.
	patience time.Duration
}

// opener returns a provider as the core would reach it.
type opener func(t testing.TB, s *subject) sdk.Provider

// with returns the provider with the given settings.
func (s *subject) with(t testing.TB, settings sdk.Settings) sdk.Provider {
	t.Helper()
	p := s.open(t, s)
	if err := p.Configure(t.Context(), settings); err != nil {
		t.Fatalf("configuring the provider: %v", err)
	}
	return p
}

// description returns what the provider says of itself.
func (s *subject) description(t testing.TB) *sdk.Description {
	t.Helper()
	d, err := s.open(t, s).Describe(t.Context())
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	return d
}

// kind returns the description of one kind.
func (s *subject) kind(t testing.TB, kind resource.Kind) sdk.Kind {
	t.Helper()
	for _, k := range s.description(t).Kinds {
		if k.Kind == kind {
			return k
		}
	}
	t.Fatalf("the case declares the kind %q, which the provider does not describe", kind)
	return sdk.Kind{}
}

// inProcess returns a provider that is new for each call, or the only one there is.
func inProcess(_ testing.TB, s *subject) sdk.Provider {
	if s.New == nil {
		return s.provider
	}
	return &forgetful{make: s.New}
}

// forgetful makes a provider for each call, as if the plugin had been started again.
type forgetful struct {
	make     func() sdk.Provider
	mu       sync.Mutex
	settings *sdk.Settings
}

// Configure implements sdk.Provider.
func (f *forgetful) Configure(ctx context.Context, s sdk.Settings) error {
	f.mu.Lock()
	f.settings = &s
	f.mu.Unlock()
	_, err := f.fresh(ctx)
	return err
}

func (f *forgetful) fresh(ctx context.Context) (sdk.Provider, error) {
	p := f.make()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.settings == nil {
		return p, nil
	}
	return p, p.Configure(ctx, *f.settings)
}

// Describe implements sdk.Provider.
func (f *forgetful) Describe(ctx context.Context) (*sdk.Description, error) {
	p, err := f.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return p.Describe(ctx)
}

// Resolve implements sdk.Provider.
func (f *forgetful) Resolve(ctx context.Context, d []resource.Declaration) (*sdk.Resolution, error) {
	p, err := f.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return p.Resolve(ctx, d)
}

// Plan implements sdk.Provider.
func (f *forgetful) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	p, err := f.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return p.Plan(ctx, req)
}

// Run implements sdk.Provider.
func (f *forgetful) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	p, err := f.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return p.Run(ctx, req, sink)
}

// Look implements sdk.Looker, also for providers that do not.
func (f *forgetful) Look(ctx context.Context, kind resource.Kind) (json.RawMessage, error) {
	p, err := f.fresh(ctx)
	if err != nil {
		return nil, err
	}
	if looker, ok := p.(sdk.Looker); ok {
		return looker.Look(ctx, kind)
	}
	return nil, nil
}
