package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// pluginBinary is the program of testdata/plugin; TestMain builds it.
var pluginBinary string

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		victim(os.Args[1:])
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "icc-host-test-")
	if err != nil {
		panic(err)
	}
	pluginBinary = filepath.Join(dir, "plugin")
	build := exec.Command("go", "build", "-o", pluginBinary, "./testdata/plugin")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the test plugin: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// install puts copies of the test plugin under the names into dir. Each differs from the others by its last bytes, so
// that what is remembered by hash is kept apart.
func install(t testing.TB, dir string, names ...string) {
	t.Helper()
	program, err := os.ReadFile(pluginBinary)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		// A process that is started meanwhile would hold the file open for writing, and then it cannot be executed.
		syscall.ForkLock.RLock()
		err := os.WriteFile(filepath.Join(dir, prefix+name), append(program, name...), 0o755)
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// ample is more than anything takes on a busy machine, and too long for a test that wrongly waits for its end.
const ample = 5 * time.Minute

// bench is a host with directories of its own.
type bench struct {
	*Host
	dir, cache, runtime string
}

// newBench returns a host for test plugins of the names.
func newBench(t testing.TB, names ...string) *bench {
	t.Helper()
	b := &bench{dir: t.TempDir(), cache: t.TempDir(), runtime: shortDir(t)}
	install(t, b.dir, names...)
	b.Host = b.another(t)
	return b
}

// another returns a further host with the same directories.
func (b *bench) another(t testing.TB) *Host {
	t.Helper()
	h := New(Options{Dirs: []string{b.dir}, CacheDir: b.cache, RuntimeDir: b.runtime, StartTimeout: ample})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("closing the host: %v", err)
		}
	})
	return h
}

// shortDir returns a private directory whose path leaves room for socket names.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "icct-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// provider returns the provider of a kind.
func provider(t testing.TB, h *Host, kind resource.Kind) sdk.Provider {
	t.Helper()
	p, err := h.Provider(t.Context(), kind)
	if err != nil {
		t.Fatalf("provider of %s: %v", kind, err)
	}
	return p
}

// run asks the test plugin for an action.
func run(ctx context.Context, p sdk.Provider, action resource.Action, arg string) (*sdk.RunResult, error) {
	return p.Run(ctx, sdk.RunRequest{
		Resource: resource.Resolved{Ref: resource.Ref{Kind: "test", Name: arg}}, Action: action,
	}, resource.Discard{})
}
