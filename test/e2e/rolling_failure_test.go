//go:build incus

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// failingProject has two replicas of a web server that shows a page of the given version; first is what they run before.
func failingProject(image, version, first, update string) string {
	return `
services:
  web:
    image: ` + image + `
    command: ["sh", "-c", "mkdir -p /www; echo page ` + version + ` > /www/index.html; ` + first + ` exec httpd -f -p 80 -h /www"]
    stop_grace_period: 0s
    deploy: {replicas: 2, update_config: ` + update + `, rollback_config: {parallelism: 0, monitor: 10ms}}
`
}

func TestUpdatesThatFail(t *testing.T) {
	t.Parallel()

	const theFirstFails = "case $$(hostname) in *-1) exit 3;; esac;"

	good := failingProject("busybox:1", "one", "", "{monitor: 300ms}")
	p := newProject(t, good)
	p.ok("up", "-d")
	p.wantPagesOf("web", "one", "one")

	why := "updating web went on without " + p.instance("web", 1)

	t.Run("continue goes on with the others", func(t *testing.T) {
		p.write("compose.yaml", failingProject("busybox:1", "two", theFirstFails, "{monitor: 8s, failure_action: continue}"))
		p.fails(1, []string{"up", "-d"}, why, "exit code 3")
		p.wantPagesOf("web", "", "two")
	})

	t.Run("failures that are not above the ratio end nothing", func(t *testing.T) {
		p.write("compose.yaml", failingProject("busybox:1", "three", theFirstFails, "{monitor: 8s, failure_action: rollback, max_failure_ratio: 0.5}"))
		p.fails(1, []string{"up", "-d"}, why, "exit code 3")
		p.wantPagesOf("web", "", "three")
	})

	t.Run("a rollback leads to what has worked, not to what was repaired", func(t *testing.T) {
		p.write("compose.yaml", failingProject("busybox:1", "four", "", "{monitor: 300ms}"))
		p.ok("up", "-d")
		p.wantPagesOf("web", "four", "four")
		p.ok("rollback", "web")
		p.wantPagesOf("web", "one", "one")
	})

	for order, says := range map[string]string{
		"start-first": "the update of web has failed before any replica was changed",
		"stop-first":  "the update of web has failed and was taken back: " + p.instance("web", 1) + " runs as before",
	} {
		t.Run("a bad image rolls back by itself and says why, "+order, func(t *testing.T) {
			p.write("compose.yaml", failingProject("debian:13-slim", "five", "", "{monitor: 30s, failure_action: rollback, order: "+order+"}"))
			p.fails(1, []string{"up", "-d"}, says, "exit code 127", "httpd: not found")
			p.wantPagesOf("web", "one", "one")
			p.write("compose.yaml", good)
			p.wantNothingToDo()
		})
	}
}

func TestARestartDoesNotProveWhatIsUnhealthy(t *testing.T) {
	t.Parallel()

	version := func(v, healthy string) string {
		return strings.Replace(failingProject("busybox:1", v, "", "{monitor: 10ms}"), "replicas: 2", "replicas: 1", 1) +
			"    healthcheck: {test: [CMD, \"" + healthy + "\"], interval: 200ms, retries: 1}\n"
	}

	p := newProject(t, version("one", "true"))
	p.ok("up", "-d")

	p.write("compose.yaml", version("two", "false"))
	p.fails(1, []string{"up", "-d"}, "unhealthy")
	p.ok("restart", "web")

	p.write("compose.yaml", version("three", "true"))
	p.ok("up", "-d")
	p.ok("rollback", "web")
	p.wantPagesOf("web", "one")
}

// wantPagesOf waits until each replica shows the version that is its turn; with an empty one it has ended.
func (p *project) wantPagesOf(service string, versions ...string) {
	p.t.Helper()

	rows := p.ps("-a", service)
	if len(rows) != len(versions) {
		p.t.Errorf("there are %d replicas of %s, want %d", len(rows), service, len(versions))
	}

	for i, version := range versions {
		p.until(20*time.Second, fmt.Sprintf("replica %d of %s shows version %q", i+1, service, version), func() (string, bool) {
			r := p.icc("exec", "-T", "--index", string(rune('1'+i)), service, "wget", "-q", "-O", "-", "http://127.0.0.1/")

			return r.String(), version == "" && r.code != 0 || version != "" && strings.TrimSpace(r.stdout) == "page "+version
		})
	}
}
