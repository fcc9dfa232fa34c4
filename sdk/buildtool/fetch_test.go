package buildtool

import (
	"io/fs"
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

func TestHintsAreAboutWhatIsWrongWithAContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git(t, dir, "init", "--quiet", "--initial-branch=main")
	commit(t, dir, "Dockerfile", "one")
	empty := filepath.Join(t.TempDir(), "context")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"file://" + dir + "#main:nosuch": "REF:FOLDER", empty: "icc build"} {
		if _, err := fetched(t, from); !strings.Contains(resource.Hint(err), want) {
			t.Errorf("%s: got %v with the hint %q, want one with %q", from, err, resource.Hint(err), want)
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
