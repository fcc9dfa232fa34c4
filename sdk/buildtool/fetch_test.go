package buildtool

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// git runs git in a directory, as somebody whose configuration is not looked at.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@x", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_COMMITTER_DATE=2020-02-02T02:02:02Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes a file and commits it.
func commit(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "--message", name)
	return git(t, dir, "rev-parse", "HEAD")
}

// fetched fetches a context and returns what is in it, by path.
func fetched(t *testing.T, from string) (map[string]string, error) {
	t.Helper()
	job, err := newJob("tool", kinds.BuildRequest{OutputDir: t.TempDir(), Build: kinds.BuildConfig{Context: from}}, resource.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	if err := job.fetch(t.Context()); err != nil {
		return nil, err
	}
	files := map[string]string{}
	err = filepath.WalkDir(job.Request.Build.Context, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(job.Request.Build.Context, path)
		if d.Type()&fs.ModeSymlink != 0 {
			files[name], err = os.Readlink(path)
			return err
		}
		content, err := os.ReadFile(path)
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, nil
}

func TestARepositoryIsAContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	first := commit(t, dir, "Dockerfile", "one")
	git(t, dir, "tag", "v1")
	commit(t, dir, "sub/Containerfile", "below")
	git(t, dir, "checkout", "--quiet", "-b", "next")
	commit(t, dir, "Dockerfile", "next")
	git(t, dir, "checkout", "--quiet", "main")
	if err := os.Symlink("/etc", filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "out")
	commit(t, dir, "Dockerfile", "two")
	bare := "file://" + filepath.Join(t.TempDir(), "app.git")
	git(t, dir, "clone", "--quiet", "--bare", dir, strings.TrimPrefix(bare, "file://"))

	main := map[string]string{"Dockerfile": "two", "sub/Containerfile": "below", "out": "/etc"}
	for ref, want := range map[string]map[string]string{
		"":               main,
		"#main":          main,
		"#next":          {"Dockerfile": "next", "sub/Containerfile": "below"},
		"#v1":            {"Dockerfile": "one"},
		"#" + first:      {"Dockerfile": "one"},
		"#" + first[:10]: {"Dockerfile": "one"},
		"#next:sub":      {"Containerfile": "below"},
		"#:sub":          {"Containerfile": "below"},
	} {
		got, err := fetched(t, bare+ref)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q (-want +got): %v\n%s", ref, err, diff)
		}
	}
	for from, want := range map[string]string{
		bare + "#nosuch":             `no branch, tag or commit "nosuch"`,
		bare + "#--upload-pack=x":    "is no branch, tag or commit",
		bare + "#main:nosuch":        `there is no directory "nosuch"`,
		bare + "#main:../../..":      "is no path below the repository",
		bare + "#main:out":           "leads out of the repository",
		bare + "#main:Dockerfile":    "is no directory",
		"file:///nowhere/at/all":     "fetching build.context file:///nowhere/at/all",
		"https://u:secret@[bad/.git": "fetching build.context https://[bad/.git",
	} {
		_, err := fetched(t, from)
		if err == nil || !strings.Contains(err.Error(), want) || resource.Hint(err) == "" || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v (hint: %s), want %q", from, err, resource.Hint(err), want)
		}
	}
}

func TestTwoCheckoutsOfACommitAreTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git(t, dir, "init", "--quiet")
	commit(t, dir, "Dockerfile", "one")
	job, err := newJob("tool", kinds.BuildRequest{OutputDir: t.TempDir(), Build: kinds.BuildConfig{Context: "file://" + dir}}, resource.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	if err := job.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(job.Request.Build.Context, "Dockerfile"))
	want := time.Date(2020, 2, 2, 2, 2, 2, 0, time.UTC)
	if err != nil || info.Mode() != 0o644 || !info.ModTime().Equal(want) {
		t.Errorf("the file is %v of %v, %v; want 0644 of the commit's time", info.Mode(), info.ModTime(), err)
	}
}

func TestSubmodulesAreFetched(t *testing.T) {
	t.Parallel()
	part, whole := t.TempDir(), t.TempDir()
	git(t, part, "init", "--quiet")
	commit(t, part, "p", "part")
	git(t, whole, "init", "--quiet")
	git(t, whole, "submodule", "--quiet", "add", "file://"+part, "part")
	commit(t, whole, "Dockerfile", "whole")
	_, err := fetched(t, "file://"+whole)
	// Git itself refuses file:// in submodules; that it was asked shows that they are fetched.
	if err == nil || !strings.Contains(err.Error(), "transport 'file' not allowed") {
		t.Errorf("got %v", err)
	}
}

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

func TestTheReasonIsTheLineThatSaysMost(t *testing.T) {
	t.Parallel()
	const rest = "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n"
	for text, want := range map[string]string{
		"ssh: connect to host x port 22: Connection refused\r\n" + rest: "ssh: connect to host x port 22: Connection refused",
		"Host key verification failed.\r\n" + rest:                      "Host key verification failed.",
		"git@x: Permission denied (publickey).\n" + rest:                "git@x: Permission denied (publickey).",
		"warning: x\nfatal: repository 'y' not found\n":                 "fatal: repository 'y' not found",
	} {
		if got := LastLine(firstFatal(text), nil); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
