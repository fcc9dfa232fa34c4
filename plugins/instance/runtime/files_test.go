package runtime_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/runtime/runtimetest"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyRegularFilesAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "good"), "content")
	write(t, filepath.Join(dir, "big"), strings.Repeat("x", 101))
	if err := errors.Join(os.Symlink("good", filepath.Join(dir, "link")), os.Symlink("/", filepath.Join(dir, "root")),
		os.Mkdir(filepath.Join(dir, "dir"), 0o700), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600)); err != nil {
		t.Fatal(err)
	}
	v := runtimetest.New(t, dir).Open(t.Context(), "pool", "volume")
	for name, want := range map[string]error{
		"good": nil, "big": resource.ErrInvalidFormat, "link": resource.ErrInvalidFormat, "dir": resource.ErrInvalidFormat,
		"pipe": resource.ErrInvalidFormat, "none": fs.ErrNotExist,
	} {
		got, err := v.ReadFile(t.Context(), name, 100)
		if want == nil && string(got) != "content" || !errors.Is(err, want) {
			t.Errorf("%s: read %q, %v, want %v", name, got, err, want)
		}
		if _, err := v.OpenFile(t.Context(), name); name != "big" && !errors.Is(err, want) {
			t.Errorf("%s: opened with %v, want %v", name, err, want)
		}
	}
	if _, err := v.List(t.Context(), "root"); !errors.Is(err, resource.ErrInvalidFormat) {
		t.Errorf("a link to a directory was listed: %v", err)
	}
}

func TestAPipeThatWasSwappedInHoldsNobodyUpForLong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	write(t, name, "x")
	v := runtimetest.New(t, dir).Open(t.Context(), "pool", "volume")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	var swaps sync.WaitGroup
	for i := 0; ctx.Err() == nil; i++ { // a container that swaps as fast as it can
		fifo := filepath.Join(dir, "other")
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Fatal(err)
		}
		swaps.Go(func() { _ = os.Rename(fifo, name) })
		_, _ = v.ReadFile(ctx, "file", 10)
		_ = os.Remove(fifo)
		write(t, filepath.Join(dir, "plain"), "x")
		if err := os.Rename(filepath.Join(dir, "plain"), name); err != nil {
			t.Fatal(err)
		}
	}
	swaps.Wait()
	if took := time.Since(begin); took > time.Minute { // who opens a pipe waits for ever
		t.Errorf("it took %s", took)
	}
}

func TestConnectionsAreSharedAndReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "content")
	volumes := runtimetest.New(t, dir)
	read := func(v *runtime.Volume) {
		t.Helper()
		if got, err := v.ReadFile(t.Context(), "file", 100); err != nil || string(got) != "content" {
			t.Errorf("read %q, %v", got, err)
		}
	}
	var all sync.WaitGroup
	var open []*runtime.Volume
	for range 20 {
		v := volumes.Open(t.Context(), "pool", "volume")
		open = append(open, v)
		all.Go(func() { read(v) })
	}
	all.Wait()
	if n := volumes.Dialled(); n != 1 {
		t.Errorf("20 users made %d connections", n)
	}
	volumes.Break()
	read(open[0])
	read(open[1])
	if n := volumes.Dialled(); n != 2 {
		t.Errorf("after a break there were %d connections, want 2", n)
	}
	for _, v := range open {
		v.Close()
		v.Close()
	}
	if _, err := open[0].ReadFile(t.Context(), "file", 100); err == nil {
		t.Error("a closed volume could be read")
	}
	read(volumes.Open(t.Context(), "pool", "volume"))
	if n := volumes.Dialled(); n != 3 {
		t.Errorf("after all were closed there were %d connections, want 3", n)
	}
}

func TestAFileIsReadOnAfterItWasRemovedOrTheConnectionBroke(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	write(t, name, "0123456789")
	volumes := runtimetest.New(t, dir)
	f, err := volumes.Open(t.Context(), "pool", "volume").OpenFile(t.Context(), "file")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	volumes.Break()
	if got, err := f.ReadAt(t.Context(), 3, 2); err != nil || string(got) != "234" {
		t.Errorf("after a break: %q, %v", got, err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if got, err := f.ReadAt(t.Context(), 100, 5); err != nil || string(got) != "56789" {
		t.Errorf("after its removal: %q, %v", got, err)
	}
	volumes.Break()
	if _, err := f.ReadAt(t.Context(), 3, 2); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after both: %v", err)
	}
}

func TestWhatIccInitRunsIsLocated(t *testing.T) {
	t.Parallel()
	good := map[string]string{"type": "disk", "pool": "p", "source": "vol/web-1", "path": "/.icc"}
	with := func(key, value string) map[string]string {
		d := map[string]string{key: value}
		for k, v := range good {
			if k != key {
				d[k] = v
			}
		}
		return d
	}
	for name, tt := range map[string]struct {
		device map[string]string
		spec   string
		want   runtime.Place
	}{
		"as it should be":      {good, "{}", runtime.Place{Pool: "p", Volume: "vol", Dir: "web-1"}},
		"without orders":       {good, "", runtime.Place{}},
		"without a device":     {nil, "{}", runtime.Place{}},
		"another path":         {with("path", "/data"), "{}", runtime.Place{}},
		"a host's directory":   {with("pool", ""), "{}", runtime.Place{}},
		"the whole volume":     {with("source", "vol"), "{}", runtime.Place{}},
		"a way out of the dir": {with("source", "vol/../x"), "{}", runtime.Place{}},
	} {
		inst := &api.Instance{InstancePut: api.InstancePut{Config: map[string]string{initspec.Key: tt.spec},
			Devices: map[string]map[string]string{spec.DeviceRun: tt.device}}}
		if got, ok := runtime.Locate(inst); got != tt.want || ok != (tt.want != runtime.Place{}) {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}
