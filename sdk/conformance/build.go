package conformance

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// endTime is how long a cancelled build may go on.
const endTime = 3 * time.Minute

var digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// into returns a request with a directory of its own for the result, which is checked afterwards.
func (s *buildSubject) into(t testing.TB, req kinds.BuildRequest) kinds.BuildRequest {
	t.Helper()
	req.OutputDir = t.TempDir()
	return req
}

func (s *buildSubject) watch(t testing.TB) (clean func()) {
	t.Helper()
	if s.Watch == nil {
		return func() {}
	}
	return s.Watch(t)
}

func (s *buildSubject) build(t testing.TB, req kinds.BuildRequest) *kinds.BuildResult {
	t.Helper()
	result, err := s.open(t).Build(t.Context(), req, resource.Discard{})
	if err != nil {
		t.Fatalf("building %s: %v (hint: %s)", req.Name, err, resource.Hint(err))
	}
	if !digest.MatchString(result.Digest) || result.Builder == "" || result.Version == "" {
		t.Errorf("building %s: the result is %+v", req.Name, result)
	}
	return result
}

func buildArchive(t testing.TB, s *buildSubject) {
	req := s.into(t, s.Request)
	clean := s.watch(t)
	result := s.build(t, req)
	clean()
	if filepath.Dir(result.Archive) != req.OutputDir {
		t.Fatalf("the archive %q is not in the request's directory %s", result.Archive, req.OutputDir)
	}
	holdsOnly(t, req.OutputDir, filepath.Base(result.Archive))
	names := members(t, result.Archive)
	if !slices.Contains(names, "manifest.json") && !slices.Contains(names, "oci-layout") {
		t.Errorf("the archive is neither Docker's nor an OCI layout; it has %v", names)
	}
}

// buildChecked asks builders that know the question whether they could build something whose step fails, and something
// without a context.
func buildChecked(t testing.TB, s *buildSubject) {
	b := s.open(t)
	about, err := b.Describe(t.Context())
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	if !slices.Contains(about.Features, sdk.FeatureBuildCheck) {
		return
	}
	req := s.into(t, s.Broken)
	req.CheckOnly = true
	if _, err := b.Build(t.Context(), req, resource.Discard{}); err != nil {
		t.Errorf("a build is checked whose step will fail: %v", err)
	}
	holdsOnly(t, req.OutputDir)
	req.OutputDir, req.Build.Context = "", filepath.Join(t.TempDir(), "nowhere")
	if _, err := b.Build(t.Context(), req, resource.Discard{}); err == nil {
		t.Error("a build is checked whose context is not there, and nothing is said")
	}
}

func buildAgain(t testing.TB, s *buildSubject) {
	first := s.build(t, s.into(t, s.Request))
	req := s.into(t, s.Request)
	req.KnownDigest = first.Digest
	again := s.build(t, req)
	if again.Digest != first.Digest {
		t.Errorf("the same build gives %s and then %s", first.Digest, again.Digest)
	}
	if again.Archive == "" {
		holdsOnly(t, req.OutputDir)
	}
}

func buildBroken(t testing.TB, s *buildSubject) {
	req := s.into(t, s.Broken)
	clean := s.watch(t)
	_, err := s.open(t).Build(t.Context(), req, resource.Discard{})
	clean()
	if !errors.Is(err, resource.ErrBuild) {
		t.Fatalf("a failing build: %v, want %v", err, resource.ErrBuild)
	}
	if !strings.Contains(err.Error(), req.Name) {
		t.Errorf("the error does not name the image %q: %v", req.Name, err)
	}
	holdsOnly(t, req.OutputDir)
}

func buildCancelled(t testing.TB, s *buildSubject) {
	for _, after := range []time.Duration{0, 50 * time.Millisecond, 500 * time.Millisecond, time.Second} {
		req := s.into(t, s.Slow)
		clean := s.watch(t)
		b := s.open(t)
		ctx, cancel := context.WithCancel(t.Context())
		if after == 0 {
			cancel()
		}
		time.AfterFunc(after, cancel)
		began := time.Now()
		_, err := b.Build(ctx, req, resource.Discard{})
		cancel()
		if took := time.Since(began) - after; took > endTime {
			t.Errorf("a build cancelled after %s goes on for %s", after, took)
		}
		if !errors.Is(err, resource.ErrAborted) && !errors.Is(err, context.Canceled) {
			t.Fatalf("a build cancelled after %s: %v, want %v", after, err, resource.ErrAborted)
		}
		s.eventuallyEmpty(t, req.OutputDir)
		clean()
	}
}

// eventuallyEmpty gives a builder at the other end of a wire the time to clean up.
func (s *buildSubject) eventuallyEmpty(t testing.TB, dir string) {
	t.Helper()
	for deadline := time.Now().Add(s.patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) == 0 {
			return
		}
	}
	holdsOnly(t, dir)
}

// holdsOnly checks what is in a directory.
func holdsOnly(t testing.TB, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(want, e.Name()) {
			t.Errorf("the build has left %s in its directory", e.Name())
		}
	}
}

// members returns the names in a tar.
func members(t testing.TB, path string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var names []string
	for reader := tar.NewReader(file); ; {
		header, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return names
		case err != nil:
			t.Fatalf("reading the archive: %v", err)
		}
		names = append(names, strings.TrimPrefix(header.Name, "./"))
	}
}
