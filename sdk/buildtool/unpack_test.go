package buildtool

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

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

// packed returns a tar archive.
func packed(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		content := h.Uname // a place to keep it
		h.Uname = ""
		if h.Typeflag == tar.TypeReg {
			h.Size, h.Mode = int64(len(content)), 0o644
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func compressed(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func file(name, content string) tar.Header {
	return tar.Header{Typeflag: tar.TypeReg, Name: name, Uname: content}
}

func TestArchivesAreContexts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := packed(t, tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}, file("./Dockerfile", "FROM x"), file("a/b/c", "deep"),
		tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "a/b/c"}, tar.Header{Typeflag: tar.TypeLink, Name: "h", Linkname: "a/b/c"})
	want := map[string]string{"Dockerfile": "FROM x", "a/b/c": "deep", "l": "a/b/c", "h": "deep"}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	contents := map[string][]byte{"plain.tar": whole, "c.tar.gz": compressed(t, whole), "Text": []byte("FROM scratch\n# ü")}
	for _, tool := range []string{"bzip2", "xz", "zstd"} {
		out, err := exec.Command(tool, "--stdout", plain).Output()
		if err != nil {
			t.Fatalf("%s: %v", tool, err)
		}
		contents[tool] = out
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := contents[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.Close)
	for name, content := range contents {
		want := want
		if name == "Text" {
			want = map[string]string{"Dockerfile": string(content)}
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{path, server.URL + "/" + name} {
			got, err := fetched(t, from)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s (-want +got): %v\n%s", from, err, diff)
			}
		}
	}
	if _, err := fetched(t, server.URL+"/nosuch"); err == nil || !strings.Contains(err.Error(), "the server says 404") {
		t.Errorf("a missing archive: %v", err)
	}
}

func TestArchivesThatAreRefused(t *testing.T) {
	t.Parallel()
	cut := compressed(t, packed(t, file("Dockerfile", strings.Repeat("x", 4096))))
	for name, test := range map[string]struct {
		content []byte
		text    string
	}{
		"nothing":                  {nil, "it is empty"},
		"a picture":                {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), "neither a tar archive nor a Containerfile"},
		"a way out by a link":      {packed(t, tar.Header{Typeflag: tar.TypeSymlink, Name: "up", Linkname: "/tmp"}, file("up/x", "")), "escapes"},
		"a way out by a hard link": {packed(t, tar.Header{Typeflag: tar.TypeLink, Name: "x", Linkname: "../../etc/passwd"}), "no such file"},
		"a device":                 {packed(t, tar.Header{Typeflag: tar.TypeChar, Name: "dev"}), "neither a file, nor a directory, nor a link"},
		"half of one":              {cut[:len(cut)/2], "unexpected EOF"},
		"no Containerfile":         {packed(t, file("x", "")), "there is no Containerfile or Dockerfile in"},
	} {
		path := filepath.Join(t.TempDir(), "context")
		if err := os.WriteFile(path, test.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := fetched(t, path)
		if err == nil || !strings.Contains(err.Error(), test.text) || resource.Hint(err) == "" {
			t.Errorf("%s: got %v (hint: %s), want %q", name, err, resource.Hint(err), test.text)
		}
	}
}

func TestNamesThatLeadUpwardsStayInside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "context")
	if err := os.WriteFile(path, packed(t, file("../../Dockerfile", "FROM x"), file("/abs", "1")), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := fetched(t, path)
	if diff := cmp.Diff(map[string]string{"Dockerfile": "FROM x", "abs": "1"}, got); diff != "" || err != nil {
		t.Errorf("(-want +got): %v\n%s", err, diff)
	}
}
