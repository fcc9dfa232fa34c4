//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"
)

// images are run with icc-init; each says something and shows who it is. The own init writes to a file that it goes down,
// for what an init prints right before its end may be lost.
const images = `
services:
  scratch: {image: "scratchtest", read_only: true, hostname: outer}
  busybox: {image: "busybox:1", command: [sh, -c, "id; echo up; exec sleep 1000"], group_add: ["1234"], user: "1000:1000"}
  nginx: {image: "nginx"}
  redis: {image: "redis"}
  named:
    build: {dockerfile_inline: "FROM busybox:1\nRUN mkdir -p /etc && echo app:x:4711:4711::/home/app:/bin/sh >> /etc/passwd\nUSER app\nCMD id -un; echo $$HOME; exec sleep 1000\n"}
  own-init:
    stop_grace_period: 2m
    build:
      dockerfile_inline: |
        FROM busybox:1
        RUN printf '#!/bin/sh\ntrap "echo going down >> /ended; exit 0" TERM\necho init is $$$$\nsleep 1000 &\nwhile :; do wait; done\n' > /init && chmod 755 /init
        ENTRYPOINT ["/init"]
`

func TestTheInitWorksInAllKindsOfImages(t *testing.T) {
	t.Parallel()
	p := newProject(t, images)
	p.ok("up", "-d")

	for service, want := range map[string]string{
		"scratch": "hello world", "busybox": "uid=1000 gid=1000 groups=1000,1234", "redis": "Ready to accept connections",
		"named": "app\n/home/app", "own-init": "init is 1",
	} {
		p.until(20*time.Second, service+" says "+want, func() (string, bool) {
			out := p.ok("logs", "--no-log-prefix", service).stdout

			return out, strings.Contains(out, want)
		})
	}

	if got := p.inside("nginx", "cat /proc/1/comm"); got != "s6-init" {
		t.Errorf("PID 1 of nginx is %q", got)
	}

	p.until(20*time.Second, "scratch is healthy", func() (string, bool) {
		row := p.ps("scratch")[0]

		return row.Status, row.Health == "healthy"
	})

	p.ok("stop", "own-init")
	p.untilState("own-init", "exited")
	p.ok("start", "own-init")
	p.untilState("own-init", "running")

	if got := p.inside("own-init", "cat /ended"); got != "going down" {
		t.Errorf("an init of the image's own was not told to stop, or did not go down in order: it wrote %q", got)
	}
}

func TestAnInitOfTheImagesOwnAtOurPlaceIsNotHidden(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  os:
    stop_grace_period: 1s
    build:
      dockerfile_inline: |
        FROM busybox:1
        RUN printf '#!/bin/sh\necho mine is $$$$ with $$1\nexec sleep 1000\n' > /s6-init && chmod 755 /s6-init
        ENTRYPOINT ["/s6-init"]
        CMD ["an argument"]
`)

	if r := p.ok("up", "-d"); !strings.Contains(r.stderr, "init of its own at /s6-init") || !strings.Contains(r.stderr, "without icc-init") {
		t.Errorf("up does not say what is lost: %s", r)
	}

	p.until(20*time.Second, "the image's own init runs", func() (string, bool) {
		out := p.ok("logs", "--no-log-prefix", "os").stdout

		return out, out == "mine is 1 with an argument\n"
	})
	p.ok("exec", "-T", "os", "true")
}

func TestWhatIncusCannotStoreArrivesAllTheSame(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: "busybox:1"
    hostname: shop
    domainname: example.org
    extra_hosts: ["upstream=192.0.2.7"]
    environment: {MULTI: "first\nsecond", EMPTY: "", QUOTES: "it's \"so\""}
    cap_drop: [ALL]
    command:
      - sh
      - -c
      - |
        echo "[$$MULTI][$$EMPTY][$$QUOTES]"
        echo 'both "kinds" of '"'quotes'"
        hostname; hostname -f; grep upstream /etc/hosts; grep CapEff /proc/self/status
        test -t 1 && echo terminal || echo pipe
        exec sleep 1000
`)
	p.ok("up", "-d")

	want := []string{
		"[first\nsecond][][it's \"so\"]\n", "both \"kinds\" of 'quotes'\n", "shop\n", "shop.example.org\n", "192.0.2.7",
		"CapEff:\t0000000000000000\n", "pipe\n",
	}
	p.until(20*time.Second, "web has said it all", func() (string, bool) {
		out := p.ok("logs", "--no-log-prefix", "web").stdout
		for _, text := range want {
			if !strings.Contains(out, text) {
				return text + " is missing from " + out, false
			}
		}

		return out, true
	})

	if got := p.inside("web", `echo "$MULTI"`); got != "first\nsecond" {
		t.Errorf("exec sees %q", got)
	}
}
