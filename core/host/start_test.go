package host

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestPluginsThatDoNotComeUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, plugin string
		timeout      time.Duration
		is           error
		text         string
	}{
		{"hangs before the handshake", "hang", 2 * time.Second, resource.ErrPlugin, "did not answer within 2s"},
		{"hangs when asked what it is", "hang-describe", 12 * time.Second, resource.ErrPlugin, "did not say what it is within 12s"},
		{"prints rubbish", "rubbish", ample, resource.ErrPluginVerify, `printed "hello, I am a plugin"`},
		{"prints rubbish without end", "endless", 12 * time.Second, resource.ErrPluginVerify, `printed "xxxx`},
		{"ends at once", "dies", ample, resource.ErrPlugin, "exit status 3): cannot find my configuration"},
		{"panics at once", "dies-late", ample, resource.ErrPlugin, "panic: no luck today"},
		{"speaks another protocol", "old-protocol", ample, resource.ErrPluginVerify, "it speaks protocol 7, and this icc speaks 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, runtime := t.TempDir(), shortDir(t)
			install(t, dir, tt.plugin)
			h := New(Options{Dirs: []string{dir}, CacheDir: t.TempDir(), RuntimeDir: runtime, StartTimeout: tt.timeout})
			begun := time.Now()
			_, err := h.Provider(t.Context(), resource.Kind(tt.plugin))
			if took := time.Since(begun); took > ample/5 {
				t.Errorf("it took %s to find out", took)
			}
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error %v\nwant %v with %q", err, tt.is, tt.text)
			}
			if path := filepath.Join(dir, prefix+tt.plugin); !strings.Contains(err.Error(), path) && !strings.Contains(resource.Hint(err), path) {
				t.Errorf("neither error nor hint names the file: %v (%s)", err, resource.Hint(err))
			}
			if resource.Hint(err) == "" {
				t.Error("there is no hint")
			}
			if err := h.Close(); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(runtime); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A plugin that hangs costs its timeout once, and not in every run.
func TestAPluginThatHangsDoesNotSlowDownEveryRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha", "hang")
	impatient := func() *Host {
		h := New(Options{Dirs: []string{b.dir}, CacheDir: b.cache, RuntimeDir: b.runtime, StartTimeout: 2 * time.Second})
		t.Cleanup(func() { _ = h.Close() })
		return h
	}
	first := impatient()
	plugins(t, first)
	must(t, first.Close()) // remembers
	h := b.another(t)
	begun := time.Now()
	if _, err := h.Provider(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > ample/5 {
		t.Errorf("the second run waited %s", took)
	}
	if _, err := impatient().Provider(t.Context(), "hang"); !errors.Is(err, resource.ErrPlugin) {
		t.Errorf("when it is needed it must be asked again: %v", err)
	}
}

// logged collects what reaches a host's logger.
type logged struct {
	mu    sync.Mutex
	lines []string
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(p))
	return len(p), nil
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(strings.Join(l.lines, ""), text)
}

// go-plugin's own reader takes the host down with the first of these lines.
func TestOddLinesOnStandardErrorDoNoHarm(t *testing.T) {
	t.Parallel()
	b := newBench(t, "json42")
	var log logged
	h := New(Options{
		Dirs: []string{b.dir}, CacheDir: b.cache, RuntimeDir: b.runtime,
		Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug}),
	})
	t.Cleanup(func() { _ = h.Close() })
	p := provider(t, h, "json42")
	if _, err := run(t.Context(), p, "print", "a stray line"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"[INFO]  json42: 42", "answer=", "<nil>", `{"@level": "error"`, "long long", "json42: a stray line"} {
		eventually(t, "the log has "+text, func() bool { return log.has(text) })
	}
}

func TestLargeMessagesPass(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	p := provider(t, b.Host, "alpha")
	for _, size := range []int{5 << 20, 40 << 20} {
		config := []byte(`"` + strings.Repeat("z", size) + `"`)
		res, err := p.Run(t.Context(), sdk.RunRequest{Resource: resource.Resolved{Config: config}}, resource.Discard{})
		if err != nil || len(res.Outputs) != len(config) {
			t.Errorf("%d MiB: %v", size>>20, err)
		}
	}
}

func TestPluginsSeeOnlyTheAllowedEnvironment(t *testing.T) {
	b := newBench(t, "alpha", "builder-podman")
	for name, value := range map[string]string{
		"AWS_SECRET_ACCESS_KEY": "x", "INCUS_SOCKET": "x", "LC_ALL": "C", "XDG_TEST": "x", "https_proxy": "http://p:1",
		"BUILDAH_FORMAT": "oci", "MY_EXTRA": "x", "MY_OTHER": "x",
	} {
		t.Setenv(name, value)
	}
	h := New(Options{Dirs: []string{b.dir}, CacheDir: b.cache, RuntimeDir: b.runtime, Env: []string{"MY_E*"}})
	t.Cleanup(func() { _ = h.Close() })
	for kind, want := range map[resource.Kind]map[string]bool{
		"alpha": {"AWS_SECRET_ACCESS_KEY": false, "INCUS_SOCKET": false, "LC_ALL": true, "XDG_TEST": true, "https_proxy": true,
			"BUILDAH_FORMAT": false, "MY_EXTRA": true, "MY_OTHER": false, "PATH": true, "ICC_LIFELINE_FD": false, "ICC_HOST_PID": false},
		"builder-podman": {"BUILDAH_FORMAT": true, "AWS_SECRET_ACCESS_KEY": false},
	} {
		got := outputOf[[]string](t, provider(t, h, kind), "environ", "")
		for name, allowed := range want {
			has := strings.Contains("\n"+strings.Join(got, "\n"), "\n"+name+"=")
			if has != allowed {
				t.Errorf("%s sees %s: %v, want %v", kind, name, has, allowed)
			}
		}
	}
}
