package runtime_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
	"github.com/pkg/sftp"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// storage is a server with at most one volume, whose files are a directory of this machine.
type storage struct {
	incus.InstanceServer
	dir string

	mu      sync.Mutex
	config  map[string]string // nil while the volume does not exist
	created int
	patched int
	fails   int // how many questions fail before one is answered
}

func (s *storage) GetStoragePoolVolume(_, _, name string) (*api.StorageVolume, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails > 0 {
		s.fails--
		return nil, "", errors.New("out of order")
	}
	if s.config == nil {
		return nil, "", api.StatusErrorf(http.StatusNotFound, "not found")
	}
	return &api.StorageVolume{Name: name, StorageVolumePut: api.StorageVolumePut{Config: s.config}}, "", nil
}

func (s *storage) CreateStoragePoolVolume(_ string, v api.StorageVolumesPost) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config = v.Config
	s.created++
	return nil
}

func (s *storage) GetConnectionInfo() (*incus.ConnectionInfo, error) {
	return &incus.ConnectionInfo{Project: "p"}, nil
}

func (s *storage) RawQuery(_, _ string, data any, _ string) (*api.Response, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, value := range data.(map[string]any)["config"].(map[string]string) {
		s.config[key] = value
	}
	s.patched++
	return nil, "", nil
}

func (s *storage) dial(context.Context, string, string) (*sftp.Client, error) {
	near, far := net.Pipe()
	server, err := sftp.NewServer(far, sftp.WithServerWorkingDirectory(s.dir))
	if err != nil {
		return nil, err
	}
	go func() { _ = server.Serve(); _ = far.Close() }()
	return sftp.NewClientPipe(near, near)
}

// courier returns a Courier, as a new process would have it, that delivers a program with the given content.
func (s *storage) courier(t *testing.T, program string) *runtime.Courier {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "icc-init-linux-amd64"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	c := runtime.NewCourier(s, runtime.NewVolumes(s.dial), runtime.Target{
		Pool: "default", Volume: "shop_runtime", Project: "shop", Architecture: "x86_64", ProgramDir: dir})
	t.Cleanup(c.Close)
	return c
}

func (s *storage) program(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, "init", "icc-init"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestManyStartsDeliverOnce(t *testing.T) {
	t.Parallel()
	s := &storage{dir: t.TempDir()}
	c := s.courier(t, "program")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := c.Deliver(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.created != 1 || s.patched != 0 || s.program(t) != "program" {
		t.Errorf("made %d volumes, wrote to them %d times, %q", s.created, s.patched, s.program(t))
	}
	file := filepath.Join(s.dir, "init", "icc-init")
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o755 {
		t.Errorf("it is %v, %v", info, err)
	}
	err = s.courier(t, "program").Deliver(t.Context())
	if now, statErr := os.Stat(file); err != nil || statErr != nil || !os.SameFile(now, info) || s.patched != 0 {
		t.Errorf("the next process delivers again: %v", errors.Join(err, statErr))
	}
}

func TestAnotherProgramReplacesTheFileAndLeavesTheOldOneToThoseWhoHaveIt(t *testing.T) {
	t.Parallel()
	s := &storage{dir: t.TempDir()}
	if err := s.courier(t, "old").Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	running, err := os.Open(filepath.Join(s.dir, "init", "icc-init"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = running.Close() }()
	big := strings.Repeat("new", 1<<20) // several pieces
	if err := s.courier(t, big).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	content := make([]byte, 10)
	n, _ := running.Read(content)
	if string(content[:n]) != "old" || s.program(t) != big || s.patched != 1 {
		t.Errorf("what runs has %q now, the volume %d bytes, and was written to %d times", content[:n], len(s.program(t)), s.patched)
	}
	if entries, err := os.ReadDir(filepath.Join(s.dir, "init")); err != nil || len(entries) != 1 {
		t.Errorf("left in the directory: %v, %v", entries, err)
	}
}

func TestAProgramThatIsGoneIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	s := &storage{dir: t.TempDir()}
	if err := s.courier(t, "program").Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(s.dir, "init")); err != nil {
		t.Fatal(err)
	}
	if err := s.courier(t, "program").Deliver(t.Context()); err != nil || s.program(t) != "program" {
		t.Errorf("after its removal: %v", err)
	}
}

func TestAFailureIsNotRemembered(t *testing.T) {
	t.Parallel()
	s := &storage{dir: t.TempDir(), fails: 1}
	c := s.courier(t, "program")
	if err := c.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("the first attempt: %v", err)
	}
	if err := c.Deliver(t.Context()); err != nil {
		t.Errorf("the second attempt: %v", err)
	}
}

func TestAVolumeOfSomebodyElseIsNotTouched(t *testing.T) {
	t.Parallel()
	s := &storage{dir: t.TempDir(), config: map[string]string{resource.KeyProject: "other"}}
	if err := s.courier(t, "program").Prepare(t.Context()); !errors.Is(err, resource.ErrConflict) || resource.Hint(err) == "" {
		t.Errorf("the error is %v", err)
	}
}

func TestWithoutAProgramNothingIsMade(t *testing.T) {
	t.Parallel()
	for architecture, want := range map[string]error{"x86_64": resource.ErrNotFound, "aarch64": resource.ErrNotFound, "s390x": resource.ErrUnsupported} {
		s := &storage{dir: t.TempDir()}
		dir := t.TempDir()
		c := runtime.NewCourier(s, runtime.NewVolumes(s.dial), runtime.Target{Pool: "default", Volume: "v", Project: "shop",
			Architecture: architecture, ProgramDir: dir})
		err := c.Prepare(t.Context())
		if !errors.Is(err, want) || !strings.Contains(resource.Hint(err), "init: off") {
			t.Errorf("%s: %v, hint %q", architecture, err, resource.Hint(err))
		}
		if want == resource.ErrNotFound && !strings.Contains(err.Error(), filepath.Join(dir, "icc-init-linux-a")) {
			t.Errorf("%s: the error does not name the file: %v", architecture, err)
		}
	}
	c := runtime.NewCourier(&storage{}, nil, runtime.Target{Architecture: "x86_64"})
	if err := c.Prepare(t.Context()); !errors.Is(err, resource.ErrNotFound) || !strings.Contains(resource.Hint(err), "--storage-pool") {
		t.Errorf("without a pool: %v", err)
	}
}

func TestDirectoriesAreWipedForNewInstancesAndKeptForOldOnes(t *testing.T) {
	t.Parallel()
	s := &storage{dir: t.TempDir()}
	left := filepath.Join(s.dir, "web-1", initspec.LogDir, initspec.SegmentName(1))
	leave := func() {
		if err := os.MkdirAll(filepath.Dir(left), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	if missing, err := s.courier(t, "").Directory(t.Context(), "web-1"); err != nil || missing {
		t.Errorf("an existing one is missing: %v, %v", missing, err)
	}
	if _, err := os.Stat(left); err != nil {
		t.Errorf("a start has wiped the log: %v", err)
	}
	c := s.courier(t, "")
	if err := c.NewDirectory(t.Context(), "web-1"); err != nil || !c.Made("web-1") {
		t.Errorf("making it anew: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Join(s.dir, "web-1")); err != nil || len(entries) > 0 {
		t.Errorf("a new one has %v, %v", entries, err)
	}
	leave()
	outside := filepath.Join(s.dir, "outside")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("..", filepath.Join(s.dir, "web-1", "link")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Remove(t.Context(), "web-1"); err != nil {
			t.Errorf("removing it: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "web-1")); !os.IsNotExist(err) || c.Made("web-1") {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("a link was followed: %v", err)
	}
	missing, err := c.Directory(t.Context(), "web-1")
	if info, statErr := os.Stat(filepath.Join(s.dir, "web-1")); err != nil || !missing || statErr != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("made again: %v, %v, %v", missing, err, info)
	}
}
