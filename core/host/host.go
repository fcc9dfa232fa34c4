package host

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/icc-project/icc/core/rundir"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// The times that a start and an end may take.
const (
	startTimeout = 30 * time.Second
	endGrace     = 3 * time.Second
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
	// StartTimeout bounds a plugin's start; 0 means 30 seconds, for a machine may be busy.
	StartTimeout time.Duration
	// Env names variables that plugins may see in addition to the built-in list; "X_*" stands for all that begin so.
	Env []string
}

// Host owns the plugin processes of one run of icc. It is safe for concurrent use.
type Host struct {
	opts    Options
	grace   time.Duration // that a process has to end
	spawner *spawner
	ctx     context.Context // of starts; ends with Close
	cancel  context.CancelFunc

	programs func() []*program
	memory   func() *memory

	mu         sync.Mutex
	closed     bool
	starts     sync.WaitGroup
	socketDir  *rundir.Dir
	generation int
	settings   sdk.Settings

	closeOnce sync.Once
	closeErr  error
}

// New returns a host. Nothing is searched or started before the first use.
func New(o Options) *Host {
	if o.Dirs == nil {
		o.Dirs = SearchPath(nil)
	}
	if cache, err := os.UserCacheDir(); o.CacheDir == "" && err == nil {
		o.CacheDir = filepath.Join(cache, "icc")
	}
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = startTimeout
	}
	h := &Host{opts: o, grace: endGrace, spawner: newSpawner()}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.memory = sync.OnceValue(func() *memory { return openMemory(o.CacheDir) })
	h.programs = sync.OnceValue(func() []*program {
		var out []*program
		for _, f := range discover(clean(o.Dirs)) {
			out = append(out, &program{host: h, name: f.name, path: f.path, asking: make(chan struct{}, 1)})
		}
		return out
	})
	return h
}

// SetSettings sets what plugins are configured with. Plugins that run already are configured again before their
// next use.
func (h *Host) SetSettings(s sdk.Settings) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !reflect.DeepEqual(h.settings, s) {
		h.settings = s
		h.generation++
	}
}

// settingsFor returns the settings of a plugin and their generation. A plugin that does not ask for the server's
// socket does not learn of it, and one without a cache directory gets one of its own.
func (h *Host) settingsFor(p *program) (int, sdk.Settings) {
	needsIncus := p.needsIncus()
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.settings
	if !needsIncus {
		s.IncusSocket = ""
	}
	if s.CacheDir == "" && h.opts.CacheDir != "" {
		dir := filepath.Join(h.opts.CacheDir, "plugin", p.name)
		if os.MkdirAll(dir, 0o700) == nil {
			s.CacheDir = dir
		}
	}
	return h.generation, s
}

// sockets returns the directory for sockets, and makes it when there is none.
func (h *Host) sockets() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return "", errClosed()
	}
	if h.socketDir == nil {
		dir, err := newSocketDir(h.opts.RuntimeDir)
		if err != nil {
			return "", err
		}
		h.socketDir = dir
	}
	return h.socketDir.Path, nil
}

// goStart runs f in a goroutine that Close waits for, with a context that Close ends. It returns false after Close.
func (h *Host) goStart(f func(context.Context)) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.starts.Go(func() { f(h.ctx) })
	return true
}

func (h *Host) closing() bool { return h.ctx.Err() != nil }

func errClosed() error { return resource.ErrAborted.WithText("the plugins have been ended") }

// Close ends all plugins and removes what the host made. It takes at most a few seconds and may be called twice.
func (h *Host) Close() error {
	h.closeOnce.Do(func() { h.closeErr = h.close() })
	return h.closeErr
}

func (h *Host) close() error {
	h.mu.Lock()
	h.closed = true
	used := h.socketDir != nil
	h.mu.Unlock()
	h.cancel()
	if used {
		h.endAll()
	}
	h.mu.Lock()
	dir := h.socketDir
	h.socketDir = nil
	h.mu.Unlock()
	err := h.memory().save()
	if dir == nil {
		return err
	}
	if derr := dir.Remove(); err == nil {
		err = derr
	}
	return err
}

// endAll ends the processes side by side. Starts in flight are cut short by the host's context.
func (h *Host) endAll() {
	started := make(chan struct{})
	go func() { h.starts.Wait(); close(started) }()
	select {
	case <-started:
	case <-time.After(h.grace):
	}
	var ends sync.WaitGroup
	for _, p := range h.programs() {
		if proc := p.takeProcess(); proc != nil {
			ends.Go(func() { proc.end(h.grace) })
		}
	}
	ends.Wait()
	select {
	case <-started:
		h.spawner.close()
	default: // a start hangs in the kernel; its thread must stay
	}
}
