//go:build incus

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

// published builds an image and pushes it. In the testbed ghcr.io and docker.io are one registry: who builds under one
// name does not meet who pulls under the other. It returns the name to pull.
func (p *project) published(lines ...string) string {
	p.t.Helper()
	p.write("compose.yaml", fmt.Sprintf("services:\n  web:\n    image: ghcr.io/e2e/%s:1\n    build: ./web\n", p.name))
	p.write("web/Containerfile", "FROM busybox:1\n"+strings.Join(lines, "\n")+"\nCMD [\"sleep\", \"infinity\"]\n")
	p.ok("build")

	if r := p.ok("push"); !strings.Contains(r.stderr, "digest: sha256:") {
		p.t.Errorf("push names no digest: %s", r)
	}

	return "docker.io/e2e/" + p.name + ":1"
}

// imageRow is a row of `icc images`.
type imageRow struct {
	ID, ContainerName, Repository, Tag, Platform string
	Size                                         int64
	Fingerprint, Digest                          string
}

func (p *project) images(args ...string) []imageRow {
	p.t.Helper()

	var rows []imageRow
	p.must(json.Unmarshal([]byte(p.ok(append([]string{"images", "--format", "json"}, args...)...).stdout), &rows))

	return rows
}

func TestPullThenUpRebuildsWhatTheNewImageConcerns(t *testing.T) {
	t.Parallel()
	author := newProject(t, "")
	image := author.published("RUN echo first > /layer", "ENV WORD=one")
	user := author.another(`
services:
  web: {image: "` + image + `"}
  other: {image: "busybox:1", command: sleep infinity}
`)
	user.ok("up", "-d")

	state := func() (map[string]time.Time, string) {
		started := map[string]time.Time{}
		for name, i := range user.instances() {
			started[name] = i.LastUsedAt
		}
		return started, user.inside("web", `echo "$WORD $(cat /layer)"`)
	}
	before, says := state()
	if says != "one first" {
		t.Fatalf("the first image says %q", says)
	}
	for _, next := range []struct {
		what, says string
		lines      []string
		sameLayers bool
	}{
		{"its environment alone", "two first", []string{"RUN echo first > /layer", "ENV WORD=two"}, true},
		{"its layers", "two second", []string{"RUN echo second > /layer", "ENV WORD=two"}, false},
	} {
		old := user.images("web")[0]
		author.published(next.lines...)

		if user.ok("up", "-d"); user.images("web")[0] != old {
			t.Errorf("up took the new image although nobody pulled it")
		}

		user.ok("pull")
		user.ok("up", "-d")

		after, says := state()
		now := user.images("web")[0]

		if says != next.says || now.Digest == old.Digest || (now.Fingerprint == old.Fingerprint) != next.sameLayers {
			t.Errorf("after a change of %s it says %q; images before and after: %+v %+v", next.what, says, old, now)
		}

		if web, other := user.instance("web", 1), user.instance("other", 1); after[web].Equal(before[web]) || !after[other].Equal(before[other]) {
			t.Errorf("after a change of %s: started %v, before %v; want web alone started again", next.what, after, before)
		}

		if r := user.ok("pull"); !strings.Contains(r.stderr, "Unchanged") {
			t.Errorf("a second pull brings something: %s", r)
		}

		before = after
	}

	user.ok("down", "--rmi", "all")
}

// blobs counts how often the testbed's registry gave out each blob of a repository with at least that many bytes.
func (p *project) blobs(repository string, atLeast int) map[string]int {
	p.t.Helper()

	log, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(p.host.Socket)), "share", "registry.log"))
	p.must(err)

	out := map[string]int{}

	for line := range strings.Lines(string(log)) {
		var path, protocol string

		var code, size int

		at := strings.Index(line, `"GET /v2/`+repository+"/blobs/")
		if at < 0 {
			continue
		}

		if n, _ := fmt.Sscanf(line[at:], `"GET %s %s %d %d`, &path, &protocol, &code, &size); n == 4 && size >= atLeast {
			out[path]++
		}
	}

	return out
}

func TestTwoProjectsShareOneDownload(t *testing.T) {
	t.Parallel()
	author := newProject(t, "")
	image := author.published("RUN head -c 5000000 /dev/urandom > /blob")
	compose := "services:\n  web: {image: \"" + image + "\"}\n"
	projects := []*project{author.another(compose), author.another(compose)}

	var wg sync.WaitGroup

	for _, p := range projects {
		wg.Go(func() {
			if r := p.icc("up", "-d"); r.code != 0 {
				t.Error(r)
			}
		})
	}

	wg.Wait()

	var blobs map[string]int

	author.until(20*time.Second, "the registry gave out one large blob", func() (string, bool) {
		blobs = author.blobs("e2e/"+author.name, 4_000_000)

		return fmt.Sprint(blobs), len(blobs) == 1
	})

	for blob, n := range blobs {
		if n != 1 {
			t.Errorf("%s was fetched %d times", blob, n)
		}
	}

	one, two := projects[0].images()[0], projects[1].images()[0]
	if one.Fingerprint == "" || one.Fingerprint != two.Fingerprint {
		t.Errorf("the projects have the images %+v and %+v, want one", one, two)
	}

	there := func() int {
		list, err := author.host.Incus(t).GetImagesAllProjects()
		author.must(err)

		n := 0
		for _, i := range list {
			if i.Fingerprint == one.Fingerprint {
				n++
			}
		}

		return n
	}
	if n := there(); n != 1 {
		t.Errorf("the image is stored %d times", n)
	}

	if projects[0].ok("down", "--rmi", "all"); there() != 1 {
		t.Error("down --rmi removed an image that the other project uses")
	}

	if projects[1].ok("down", "--rmi", "all"); there() != 0 {
		t.Error("the image stays when nobody uses it")
	}
}

func TestImagesThatAreRefused(t *testing.T) {
	t.Parallel()
	p := newProject(t, "services:\n  web: {image: \"busybox:1\", command: sleep infinity}\n")
	p.ok("up", "-d")
	digest := p.images()[0].Digest
	wrong := "sha256:" + strings.Repeat("0", 64)

	for _, tt := range []struct {
		name, service string
		args, texts   []string
	}{
		{"a platform that the server does not run", `{image: "busybox:1", platform: linux/s390x}`, []string{"up", "-d"},
			[]string{"does not run linux/s390x; it runs linux/amd64", "hint: "}},
		{"a digest that nothing has", `{image: "busybox@` + wrong + `"}`, []string{"up", "-d"}, []string{"has no image", wrong, "hint: "}},
		{"a missing image that is never pulled", `{image: "ghcr.io/redis:8", pull_policy: never}`, []string{"up", "-d"},
			[]string{"not on the server, and pulling it is switched off", "icc pull"}},
		{"the same by a flag", `{image: "ghcr.io/redis:8"}`, []string{"up", "-d", "--pull", "never"},
			[]string{"not on the server, and pulling it is switched off"}},
		{"the same with run", `{image: "ghcr.io/redis:8"}`, []string{"run", "--pull", "never", "web", "true"},
			[]string{"not on the server, and pulling it is switched off"}},
		{"a policy that there is not", `{image: "busybox:1", pull_policy: every_moon}`, []string{"up", "-d"}, []string{"pull_policy"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			other := p.another("services:\n  web: " + tt.service + "\n")
			other.fails(1, tt.args, tt.texts...)
		})
	}

	t.Run("but the right digest is taken, whatever the tag says", func(t *testing.T) {
		pinned := p.another("services:\n  web: {image: \"busybox:8.9@" + digest + "\", command: sleep infinity}\n")
		pinned.ok("up", "-d")

		if got := pinned.images()[0]; got.Digest != digest || got.Repository != "busybox" {
			t.Errorf("the pinned image is %+v, want %s", got, digest)
		}
	})
}

func TestImagesLooksAtTheProjectsInstances(t *testing.T) {
	t.Parallel()
	p := newProject(t, "services:\n  web: {image: \"busybox:1\", command: sleep infinity}\n  job: {image: \"debian:13-slim\", command: \"true\"}\n")
	p.ok("up", "-d")

	rows := p.images()
	if len(rows) != 2 || rows[0].Repository != "debian" || rows[0].Tag != "13-slim" || rows[0].Digest == rows[1].Digest || rows[1].ContainerName != p.instance("web", 1) || rows[1].Repository != "busybox" || rows[1].Tag != "1" ||
		rows[1].Platform != "linux/amd64" || rows[1].Size < 100_000 || !strings.HasPrefix(rows[1].ID, "sha256:") {
		t.Errorf("the images are %+v", rows)
	}

	id := strings.TrimPrefix(rows[1].ID, "sha256:")[:12]
	if got := p.ok("images", "-q").stdout; got != rows[0].ID[7:19]+"\n"+id+"\n" {
		t.Errorf("-q prints %q, want two ids, the second %s", got, id)
	}

	if got := p.ok("images", "web", "-q").stdout; got != id+"\n" {
		t.Errorf("with the flag behind the service: %q", got)
	}

	table := p.ok("images", "web").stdout
	if lines := strings.Split(strings.TrimSpace(table), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "CONTAINER ") ||
		!slices.Contains(strings.Fields(lines[1]), id) {
		t.Errorf("the table is\n%s", table)
	}

	if got := p.inFolder("/", "-p", p.name, "images", "-q", "web"); got.stdout != id+"\n" {
		t.Errorf("without the compose file: %s", got)
	}

	p.fails(1, []string{"images", "nobody"}, "nobody")

	// Other tests are pulling: what nobody uses yet is theirs, so nothing is removed here.
	if r := p.ok("images", "prune", "--dry-run"); strings.Contains(r.stdout, "library/busybox:1") || !strings.Contains(r.stdout, "Reclaimable space: ") {
		t.Errorf("the image is in use: %s", r)
	}
}

// registry runs a second registry on the server's host: plain HTTP on the loopback interface, for the user "me" with
// the password "secret" alone.
func (p *project) registry() string { return p.registryOver("http", "") }

// registryOver runs a registry like that of registry over http or https; tls is the part of its configuration for https.
func (p *project) registryOver(scheme, tls string) string {
	p.t.Helper()

	port := freePort()
	dir := p.t.TempDir()
	passwords := filepath.Join(dir, "htpasswd")
	p.must(os.WriteFile(passwords, []byte("me:$2a$04$ZRcdiCbwwK7zO7FFPavXLuVZ/vlQ0yWllG3u36hQLN8KAuT1eLXKa\n"), 0o600))

	base, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(p.host.Socket)), "base"))
	p.must(err)

	config := filepath.Join(dir, "registry.yml")
	p.must(os.WriteFile(config, fmt.Appendf(nil, `version: 0.1
storage: {filesystem: {rootdirectory: %s/data}}
http: {addr: "127.0.0.1:%d"%s}
auth: {htpasswd: {realm: e2e, path: %s}}
`, dir, port, tls, passwords), 0o600))

	command := p.host.Command(p.t, filepath.Join(strings.TrimSpace(string(base)), "usr/bin/docker-registry"), "serve", config)
	command.Env = append(command.Env, "OTEL_TRACES_EXPORTER=none")
	p.must(command.Start())
	p.t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	})
	p.until(20*time.Second, "the registry answers", func() (string, bool) {
		out, err := p.host.Command(p.t, "curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", fmt.Sprintf("%s://127.0.0.1:%d/v2/", scheme, port)).Output()

		return fmt.Sprintf("%s %v", out, exitOf(err)), string(out) == "401"
	})

	return fmt.Sprintf("127.0.0.1:%d", port)
}

func exitOf(err error) int {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}

	return 0
}

func TestPushAndPullWithALoginOverPlainHTTP(t *testing.T) {
	t.Parallel()
	author := newProject(t, "")
	host := author.registry()
	image := host + "/team/" + author.name + ":1"
	author.write("compose.yaml", "services:\n  web:\n    image: "+image+"\n    build: ./web\n  nameless:\n    build: ./web\n")
	author.write("web/Containerfile", "FROM busybox:1\nRUN echo private > /word\nCMD [\"sleep\", \"infinity\"]\n")

	login := author.with("REGISTRY_AUTH_FILE=" + filepath.Join(author.dir, "auth.json"))
	author.write("auth.json", `{"auths":{"`+host+`":{"auth":"bWU6c2VjcmV0"}}}`)

	login.fails(1, []string{"push"}, "is not built yet", "icc build")
	author.ok("build")
	author.fails(1, []string{"push", "web"}, "registry "+host+" does not take", "podman login "+host)

	r := login.ok("push")
	if !strings.Contains(r.stderr, "service nameless: the image has no name on a registry") || !strings.Contains(r.stderr, "digest: sha256:") {
		t.Errorf("push says: %s", r)
	}

	if r := login.ok("push", "web"); !strings.Contains(r.stderr, "Unchanged") {
		t.Errorf("a second push: %s", r)
	}

	author.write("web/Containerfile", "FROM busybox:1\nRUN echo changed > /word\n")

	if r := login.ok("push", "web"); !strings.Contains(r.stderr, "Unchanged") {
		t.Errorf("what is not built yet was pushed: %s", r)
	}

	author.ok("down", "--rmi", "all")

	user := author.another("services:\n  web: {image: \"" + image + "\"}\n")
	user.fails(1, []string{"up", "-d"}, "registry "+host+" does not give out", "podman login "+host)

	reader := user.with(login.env...)

	if r := reader.ok("up", "-d"); strings.Contains(r.stderr, "warning") {
		t.Errorf("the server was asked first, which has no login: %s", r)
	}

	if got := user.inside("web", "cat /word"); got != "private" {
		t.Errorf("the image has %q", got)
	}

	list, err := user.host.Incus(t).GetImagesAllProjects()
	user.must(err)

	if i := slices.IndexFunc(list, func(i api.Image) bool { return i.Fingerprint == user.images()[0].Fingerprint }); i < 0 ||
		list[i].UpdateSource != nil {
		t.Errorf("the image is not there, or shows where the login belongs: %+v", list[max(i, 0)])
	}

	user.ok("down", "--rmi", "all")
}
