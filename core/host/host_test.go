package host

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// outputOf runs an action and decodes its outputs.
func outputOf[T any](t testing.TB, p sdk.Provider, action resource.Action, arg string) T {
	t.Helper()
	res, err := run(t.Context(), p, action, arg)
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	var v T
	if err := json.Unmarshal(res.Outputs, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestProviderStartsThePluginOnFirstUseAndKeepsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha", "beta")
	if _, err := b.Kind(t.Context(), "alpha"); err != nil { // learns the descriptions
		t.Fatal(err)
	}
	h := b.another(t)
	alpha := provider(t, h, "alpha")
	if infos := plugins(t, h); infos["alpha"].Running || infos["beta"].Running {
		t.Error("a plugin was started before its first use")
	}
	first := outputOf[int](t, alpha, "pid", "")
	if second := outputOf[int](t, provider(t, h, "alpha"), "pid", ""); first != second {
		t.Errorf("the plugin was started again: pid %d, then %d", first, second)
	}
	if infos := plugins(t, h); !infos["alpha"].Running || infos["beta"].Running {
		t.Errorf("running: alpha %v, beta %v; want only alpha", infos["alpha"].Running, infos["beta"].Running)
	}
}

// plugins returns what a host knows of its plugins, by name.
func plugins(t testing.TB, h *Host) map[string]Info {
	t.Helper()
	infos, err := h.Plugins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]Info)
	for _, i := range infos {
		out[i.Name] = i
	}
	return out
}

func TestPluginsListsWhatIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha", "rubbish", "builder-podman")
	infos, err := b.Plugins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range infos {
		names = append(names, i.Name)
		if want := filepath.Join(b.dir, prefix+i.Name); i.Path != want {
			t.Errorf("path %s, want %s", i.Path, want)
		}
		if broken := i.Name == "rubbish"; (i.Err != nil) != broken || (i.Description == nil) != broken {
			t.Errorf("%s: description %v, error %v", i.Name, i.Description, i.Err)
		}
	}
	if diff := cmp.Diff([]string{"alpha", "builder-podman", "rubbish"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if len(infos[0].SHA256) != 64 || infos[0].Description.Version != "1.2.3" {
		t.Errorf("alpha: sum %q, description %+v", infos[0].SHA256, infos[0].Description)
	}
}

func TestBuildersAreFoundByEitherName(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha", "builder-podman", "builder-docker")
	all, err := b.Builders(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "docker" || all[1].Name != "podman" {
		t.Fatalf("Builders = %v, %v", all, err)
	}
	for _, name := range []string{"podman", "builder-podman"} {
		builder, err := b.Builder(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := builder.Probe(t.Context()); err != nil || !p.Available {
			t.Errorf("%s: Probe = %+v, %v", name, p, err)
		}
	}
	for _, name := range []string{"alpha", "kaniko"} {
		if _, err := b.Builder(t.Context(), name); !errors.Is(err, resource.ErrNoPlugin) || !strings.Contains(resource.Hint(err), "icc builder list") {
			t.Errorf("Builder(%q): %v (hint: %s)", name, err, resource.Hint(err))
		}
	}
}

func TestUnknownKindSaysWhatToInstallAndWhatFailed(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	_, err := b.Provider(t.Context(), "queue")
	if !errors.Is(err, resource.ErrNoPlugin) || !strings.Contains(resource.Hint(err), "icc-plugin-queue") {
		t.Errorf("error %v, hint %q", err, resource.Hint(err))
	}
	install(t, b.dir, "dies")
	h := b.another(t)
	if _, err := h.Provider(t.Context(), "queue"); !errors.Is(err, resource.ErrNoPlugin) || !strings.Contains(err.Error(), "cannot find my configuration") {
		t.Errorf("the plugin that might have offered it is not named: %v", err)
	}
	if _, err := h.Provider(t.Context(), "dies"); errors.Is(err, resource.ErrNoPlugin) || !errors.Is(err, resource.ErrPlugin) {
		t.Errorf("a broken plugin of the kind's own name is the reason, and not its absence: %v", err)
	}
	if _, err := h.Provider(t.Context(), "alpha"); err != nil {
		t.Errorf("a broken plugin keeps others from working: %v", err)
	}
}

func TestSettingsReachThePluginAndChange(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha", "no-incus")
	b.SetSettings(sdk.Settings{IncusSocket: "/run/incus", ComposeProject: "shop"})
	alpha := provider(t, b.Host, "alpha")
	got := outputOf[sdk.Settings](t, alpha, "settings", "")
	want := sdk.Settings{IncusSocket: "/run/incus", ComposeProject: "shop", CacheDir: filepath.Join(b.cache, "plugin", "alpha")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(got.CacheDir); err != nil {
		t.Errorf("the cache directory is missing: %v", err)
	}
	b.SetSettings(sdk.Settings{IncusSocket: "/run/incus", ComposeProject: "blog", CacheDir: "/elsewhere"})
	if got := outputOf[sdk.Settings](t, alpha, "settings", ""); got.ComposeProject != "blog" || got.CacheDir != "/elsewhere" {
		t.Errorf("after a change: %+v", got)
	}
	if got := outputOf[sdk.Settings](t, provider(t, b.Host, "no-incus"), "settings", ""); got.IncusSocket != "" {
		t.Errorf("a plugin that does not need Incus was given the socket %s", got.IncusSocket)
	}
	_, _ = run(t.Context(), alpha, "exit", "")
	if got := outputOf[sdk.Settings](t, alpha, "settings", ""); got.ComposeProject != "blog" {
		t.Errorf("after a restart: %+v", got)
	}
}

func TestConcurrentUsersShareOneStart(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	pids := make(map[int]bool)
	var mu sync.Mutex
	var users sync.WaitGroup
	for range 16 {
		users.Go(func() {
			p, err := b.Provider(t.Context(), "alpha")
			if err != nil {
				t.Error(err)
				return
			}
			res, err := run(t.Context(), p, "pid", "")
			if err != nil {
				t.Error(err)
				return
			}
			var pid int
			_ = json.Unmarshal(res.Outputs, &pid)
			mu.Lock()
			defer mu.Unlock()
			pids[pid] = true
		})
	}
	users.Wait()
	if len(pids) != 1 {
		t.Errorf("the plugin was started %d times", len(pids))
	}
}

func TestAUserWhoGivesUpDoesNotSpoilTheStart(t *testing.T) {
	t.Parallel()
	b := newBench(t, "hang")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := b.Provider(ctx, "hang"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the caller's own deadline", err)
	}
	if took := time.Since(begun); took > ample/5 {
		t.Errorf("giving up took %s", took)
	}
	b = newBench(t, "alpha")
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, _ = b.Provider(gone, "alpha")
	if p, err := b.Provider(t.Context(), "alpha"); err != nil {
		t.Errorf("after another user gave up: %v", err)
	} else if _, err := run(t.Context(), p, "pid", ""); err != nil {
		t.Error(err)
	}
}

func TestPrefetchStartsWithoutWaiting(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha", "beta")
	plugins(t, b.Host) // learns the descriptions
	h := b.another(t)
	h.Prefetch("alpha", "unheard-of")
	eventually(t, "alpha runs", func() bool { return plugins(t, h)["alpha"].Running })
	if plugins(t, h)["beta"].Running {
		t.Error("beta was started too")
	}
	begun := time.Now()
	newBench(t, "hang").Prefetch("hang")
	if took := time.Since(begun); took > ample/5 {
		t.Errorf("Prefetch of a plugin that does not come up took %s", took)
	}
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func TestAClosedHostStartsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	p := provider(t, b.Host, "alpha")
	h := b.another(t)
	h.Prefetch("alpha")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t.Context(), p, "pid", ""); !errors.Is(err, resource.ErrAborted) {
		t.Errorf("a use after Close: %v", err)
	}
	h.Prefetch("alpha")
	if err := b.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.runtime, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheFirstDirectoryWins(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	install(t, first, "alpha")
	install(t, second, "alpha", "beta")
	h := New(Options{Dirs: []string{filepath.Join(first, "missing"), first, second}, CacheDir: t.TempDir(), RuntimeDir: shortDir(t)})
	t.Cleanup(func() { _ = h.Close() })
	infos := plugins(t, h)
	if infos["alpha"].Path != filepath.Join(first, "icc-plugin-alpha") || infos["beta"].Path != filepath.Join(second, "icc-plugin-beta") {
		t.Errorf("alpha is %s, beta is %s", infos["alpha"].Path, infos["beta"].Path)
	}
}
