package host

import (
	"context"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Options say where plugins are and how they are run. The zero value of each field is a sensible default.
type Options struct {
	// Dirs is the search path; see SearchPath.
	Dirs []string
	// CacheDir keeps what is known of plugin files between runs; empty means the user's cache directory.
	CacheDir string
	// RuntimeDir is where the plugins' sockets live; empty means $XDG_RUNTIME_DIR, or /tmp without one.
	RuntimeDir string
	// Logger receives what plugins log; nil drops it.
	Logger hclog.Logger
	// StartTimeout bounds a plugin's start; 0 means 10 seconds.
	StartTimeout time.Duration
	// Env names variables that plugins may see in addition to the built-in list.
	Env []string
}

// Host owns the plugin processes of one run of icc. It is safe for concurrent use.
type Host struct{ opts Options }

// New returns a host. Nothing is searched or started before the first use.
func New(o Options) *Host { return &Host{opts: o} }

// SetSettings sets what plugins are configured with. Plugins that run already are configured again before their
// next use.
func (h *Host) SetSettings(s sdk.Settings) {}

// Provider returns the provider of a kind, which starts its plugin on first use. It also implements sdk.Sessions
// and sdk.Caller.
func (h *Host) Provider(ctx context.Context, kind resource.Kind) (sdk.Provider, error) {
	return nil, resource.ErrNoPlugin.WithKindName(kind, "")
}

// Kind returns the description of a kind, without starting its plugin when the description is cached.
func (h *Host) Kind(ctx context.Context, kind resource.Kind) (sdk.Kind, error) {
	return sdk.Kind{}, resource.ErrNoPlugin.WithKindName(kind, "")
}

// NamedBuilder is a builder and the name of its plugin without the prefix "builder-", for example "podman".
type NamedBuilder struct {
	Name string
	sdk.Builder
}

// Builders returns all builders, ordered by name.
func (h *Host) Builders(ctx context.Context) ([]NamedBuilder, error) { return nil, nil }

// Builder returns the builder of a name: "podman" or "builder-podman".
func (h *Host) Builder(ctx context.Context, name string) (sdk.Builder, error) {
	return nil, resource.ErrNoPlugin.WithKindName("builder", name)
}

// Info is what is known of a plugin file.
type Info struct {
	Name   string
	Path   string
	SHA256 string
	// Description is nil when Err is not.
	Description *sdk.Description
	// Running says that this host has started it.
	Running bool
	// Err says why the plugin cannot be used.
	Err error
}

// Plugins returns all plugins of the search path, usable or not, ordered by name.
func (h *Host) Plugins(ctx context.Context) ([]Info, error) { return nil, nil }

// Prefetch begins to start the plugins of the kinds and returns at once.
func (h *Host) Prefetch(kinds ...resource.Kind) {}

// Close ends all plugins and removes what the host made. It takes at most a few seconds and may be called twice.
func (h *Host) Close() error { return nil }

// SearchPath returns the plugin directories in the order in which they are searched; flagDirs come first.
func SearchPath(flagDirs []string) []string { return flagDirs }
