//go:build incus

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// guestbook copies examples/guestbook, so that tests of several checkouts do not meet.
func guestbook(t *testing.T) (*project, int) {
	t.Helper()

	p := newProject(t, "services: {}")
	p.remove("compose.yaml")
	p.must(os.CopyFS(p.dir, os.DirFS(filepath.Join(repository(), "examples", "guestbook"))))

	port := freePort()
	p.env = append(p.env, fmt.Sprintf("GUESTBOOK_PORT=%d", port), "COMPOSE_PROJECT_NAME="+p.name)

	return p, port
}

// guestbookPage asks for the page, again when its program has waited for a connection to the database in vain, and so has
// counted nothing.
func (p *project) guestbookPage(port int, path string) string {
	p.t.Helper()

	var page string

	eventually(p.t, 30*time.Second, func() string {
		if page = p.get(port, path); strings.Contains(page, "did not answer") {
			return page
		}

		return ""
	})

	return page
}

func TestTheGuestbookCountsAndRemembers(t *testing.T) {
	t.Parallel()
	p, port := guestbook(t)
	p.ok("up", "-d")

	for _, want := range []string{"Hello from icc\nYou are visitor number 1.", "number 2."} {
		if page := p.guestbookPage(port, "/cgi-bin/index.cgi"); !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}

	p.ok("down")
	p.ok("up", "-d")

	if page := p.guestbookPage(port, "/"); !strings.Contains(page, "number 3.") {
		t.Errorf("the counter did not survive down and up, the page is:\n%s", page)
	}

	p.ok("down", "--volumes")
	p.ok("up", "-d")

	if page := p.guestbookPage(port, "/"); !strings.Contains(page, "number 1.") {
		t.Errorf("the counter survived down --volumes, the page is:\n%s", page)
	}
}

func TestTheGuestbooksDatabaseIsOutOfReachFromTheFrontNetwork(t *testing.T) {
	t.Parallel()
	p, _ := guestbook(t)
	p.write("compose.override.yaml", `
services:
  stranger:
    image: busybox:1
    command: [sleep, infinity]
    networks: [front]
`)
	p.ok("up", "-d")

	redis := p.ps("redis")[0]
	for name, host := range map[string]string{"name": "redis", "address": redis.address(t)} {
		eventually(t, 30*time.Second, func() string {
			if !p.reaches("web", host, 6379) {
				return "web does not reach redis by " + name
			}

			return ""
		})

		if p.reaches("stranger", host, 6379) {
			t.Errorf("a container on the front network reaches redis by %s", name)
		}
	}

	// Its second column is the destination; that of a way out is 0.
	const routes = "cut -f 2 /proc/net/route"
	if got := p.inside("redis", routes); strings.Contains(got, "00000000") {
		t.Errorf("redis gets out of an internal network: %s", got)
	}

	if got := p.inside("stranger", routes); !strings.Contains(got, "00000000") {
		t.Errorf("the front network has no way out, so this test proves nothing: %s", got)
	}
}
