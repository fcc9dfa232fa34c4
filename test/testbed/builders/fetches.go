package builders

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fetches checks that repositories and archives are contexts like directories: with a Containerfile to be found, an
// ignore file, and the same image again when nothing has changed.
func (s *suite) fetches(t *testing.T) {
	files := map[string]string{
		"web/Containerfile": "FROM scratch\nCOPY . /\nCMD [\"/hello\"]\n", "web/hello": "hi", "web/ignored": "x", "web/.dockerignore": "ignored\n",
	}
	dir := request(t, files).Build.Context
	repository := "file://" + filepath.Join(t.TempDir(), "app.git")
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	git(t, dir, "add", ".")
	git(t, dir, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "--message", "x")
	git(t, dir, "clone", "--quiet", "--bare", dir, strings.TrimPrefix(repository, "file://"))

	archive := filepath.Join(t.TempDir(), "context.tar.gz")
	if err := os.WriteFile(archive, pack(t, filepath.Join(dir, "web")), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(archive))))
	t.Cleanup(server.Close)

	digests := map[string]string{}
	for _, from := range []string{repository + "#main:web", archive, server.URL + "/context.tar.gz"} {
		req := request(t, nil)
		s.leavesNothing(t, req)
		req.Build.Context = from
		result, _ := s.build(t, req)
		got := Files(t, result)
		if got["hello"] != "00644 0:0 hi" || got["ignored"] != "" {
			t.Errorf("%s: the files are %v", from, got)
		}
		req.OutputDir, req.KnownDigest = t.TempDir(), result.Digest
		if again, _ := s.build(t, req); again.Digest != result.Digest {
			t.Errorf("%s: the image is another one each time", from)
		}
		digests[result.Digest] = from
	}
	if len(digests) != 1 {
		t.Errorf("the same context gives several images: %v", digests)
	}
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// pack returns the files of a directory as a compressed archive.
func pack(t *testing.T, dir string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
