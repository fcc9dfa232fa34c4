//go:build incus

package e2e

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// git runs git in a folder of the project.
func (p *project) git(folder string, args ...string) {
	p.t.Helper()

	command := exec.Command("git", append([]string{"-C", filepath.Join(p.dir, folder), "-c", "user.name=x", "-c", "user.email=x@x"}, args...)...)
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")

	if out, err := command.CombinedOutput(); err != nil {
		p.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func TestARepositoryAndTheStandardInputAreBuilt(t *testing.T) {
	t.Parallel()
	p := newProject(t, "")
	p.write("compose.yaml", `
services:
  cloned: {build: "file://`+p.dir+`/app#main:web"}
  piped: {build: "-", profiles: [piped]}
`)
	p.write("app/web/Containerfile", "FROM busybox:1\nCOPY word /word\nCMD [\"sleep\", \"infinity\"]\n")
	p.write("app/web/word", "first")
	p.git("app", "init", "--quiet", "--initial-branch", "main")
	p.git("app", "add", ".")
	p.git("app", "commit", "--quiet", "--message", "first")
	p.ok("up", "-d")

	if got := p.inside("cloned", "cat /word"); got != "first" {
		t.Errorf("the repository gives %q", got)
	}

	if r := p.ok("up", "-d", "--build"); !strings.Contains(r.stderr, "Unchanged") {
		t.Errorf("the same commit gives another image: %s", r)
	}

	p.write("app/web/word", "second")
	p.git("app", "commit", "--quiet", "--all", "--message", "second")
	p.ok("up", "-d", "--build")

	if got := p.inside("cloned", "cat /word"); got != "second" {
		t.Errorf("the next commit gives %q", got)
	}

	var archive bytes.Buffer

	w := tar.NewWriter(&archive)
	p.must(w.AddFS(os.DirFS(filepath.Join(p.dir, "app", "web"))))
	p.must(w.Close())

	if r := p.piped(archive.String(), "build", "piped"); r.code != 0 {
		t.Fatal(r)
	}

	p.refused(p.piped("", "build", "piped"), 1, "fetching build.context", "it is empty", "hint: ")
	p.ok("up", "-d", "--no-build", "piped")

	if got := p.inside("piped", "cat /word"); got != "second" {
		t.Errorf("the standard input gives %q", got)
	}
}

const family = `
services:
  base: {image: family/base, build: ./base, profiles: [build]}
  twin: {image: family/base, depends_on: [other]}
  child:
    build: {context: ./child, additional_contexts: {base: "service:base"}}
    depends_on: [other]
  other: {build: ./other}
`

func TestAChangedContextReachesExactlyWhatIsBuiltFromIt(t *testing.T) {
	t.Parallel()
	p := newProject(t, family)
	p.write("base/Containerfile", "FROM busybox:1\nRUN echo one > /base\nCMD [\"sleep\", \"infinity\"]\n")
	p.write("child/Containerfile", "FROM base\nRUN echo child > /child\n")
	p.write("other/Containerfile", "FROM busybox:1\nRUN echo other > /other\nCMD [\"sleep\", \"infinity\"]\n")
	// One service alone: its image needs that of a service which nobody asked for, and what it depends on stays alone.
	p.ok("build", "child")
	p.ok("up", "-d", "--build", "--no-deps", "child")
	p.wantInstances(p.instance("child", 1) + " running")
	p.ok("up", "-d")

	before := p.instances()
	p.write("base/Containerfile", "FROM busybox:1\nRUN echo two > /base\nCMD [\"sleep\", \"infinity\"]\n")
	p.ok("up", "-d", "--build")

	var changed []string

	for name, now := range p.instances() {
		was := before[name]
		if now.Config["volatile.base_image"] != was.Config["volatile.base_image"] || !now.LastUsedAt.Equal(was.LastUsedAt) || !now.CreatedAt.Equal(was.CreatedAt) {
			changed = append(changed, name)
		}
	}

	slices.Sort(changed)

	if want := []string{p.instance("child", 1), p.instance("twin", 1)}; !slices.Equal(changed, want) {
		t.Errorf("changed: %q, want %q", changed, want)
	}

	for _, service := range []string{"child", "twin"} {
		if got := p.inside(service, "cat /base"); got != "two" {
			t.Errorf("%s has %q", service, got)
		}
	}
}

func TestABuildForARemoteServerIsUploadedOnce(t *testing.T) {
	t.Parallel()
	p := newProject(t, builder)
	p.write("web/Containerfile", containerfile+"LABEL only=here-"+p.name+"\n")
	p.env = append(p.env, "INCUS_CONF="+p.remote(), "INCUS_SOCKET=/nowhere/unix.socket")

	uploads := func(args ...string) int {
		return len(slices.DeleteFunc(p.changes(func() { p.ok(append([]string{"--remote", "far"}, args...)...) }), func(change string) bool {
			return !strings.HasPrefix(change, "image-created")
		}))
	}
	// Events of images name no project: in the default project the server has those of all projects.
	w := p.watchWrites()
	p.ok("--remote", "far", "up", "-d")

	if seen := strings.Join(w.sees("image-created "), "\n"); strings.Count(seen, "image-created ") != 1 {
		t.Errorf("the first up uploads more than one image:\n%s", seen)
	}

	before := p.instances()[p.instance("web", 1)]

	for _, args := range [][]string{{"up", "-d", "--build"}, {"down"}, {"up", "-d", "--build"}} {
		if n := uploads(args...); n != 0 {
			t.Errorf("%v uploads %d images though the server has them", args, n)
		}
	}

	if now := p.instances()[p.instance("web", 1)]; now.Config["volatile.base_image"] != before.Config["volatile.base_image"] {
		t.Error("the image is another one")
	}

	p.ok("--remote", "far", "down", "--rmi", "all")
	p.env = nil // the clean-up afterwards goes over the socket
}
