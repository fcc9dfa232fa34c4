//go:build incus

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestTCPAndUDPOnOnePort(t *testing.T) {
	t.Parallel()

	port := freePort()
	p := newProject(t, fmt.Sprintf(`
services:
  echo:
    image: debian:13-slim
    command:
      - perl
      - -MIO::Socket::INET
      - -e
      - >-
        if (fork) {
        my $$s = IO::Socket::INET->new(Proto => "tcp", LocalPort => 7000, Listen => 5, ReuseAddr => 1) or die;
        while (my $$c = $$s->accept) { print $$c scalar <$$c>; close $$c }
        }
        my $$s = IO::Socket::INET->new(Proto => "udp", LocalPort => 7000) or die;
        while ($$s->recv(my $$text, 100)) { $$s->send($$text) }
    ports: ["%d:7000/tcp", "%d:7000/udp"]
`, port, port))
	p.ok("up", "-d")

	for _, protocol := range []string{"tcp", "udp"} {
		eventually(t, 15*time.Second, func() string {
			script := fmt.Sprintf("exec 3<>/dev/%s/127.0.0.1/%d && echo hello >&3 && timeout 2 head -n 1 <&3", protocol, port)

			out, err := p.host.Command(t, "bash", "-c", script).CombinedOutput()
			if string(out) != "hello\n" {
				return fmt.Sprintf("over %s came %q, %v", protocol, out, err)
			}

			return ""
		})
	}
}

func TestPublishedPorts(t *testing.T) {
	t.Parallel()

	local, first := freePort(), freePorts(3)

	p := newProject(t, fmt.Sprintf(`
services:
  web:
    image: busybox:1
    command: [sh, -c, "mkdir /www; echo page > /www/index.html; for p in 80 81 82; do httpd -p $$p -h /www; done; sleep infinity"]
    ports: ["127.0.0.1:%d:80", "%d-%d:80-82"]
`, local, first, first+2))
	p.ok("up", "-d")

	for _, port := range []int{local, first, first + 1, first + 2} {
		if got := p.get(port, "/"); got != "page\n" {
			t.Errorf("port %d answers %q", port, got)
		}
	}

	if out, err := p.host.Command(t, "bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/$(ip -4 -o address show lan0 | awk '{print $4}' | cut -d/ -f1)/%d", local)).CombinedOutput(); err == nil {
		t.Errorf("a port of the loopback address answers on another: %s", out)
	}
}

func TestNetworksAreIsolated(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  front: {image: "busybox:1", command: [sleep, infinity], networks: [front]}
  both: {image: "busybox:1", command: [httpd, -f, -p, "80"], networks: [front, back]}
  back: {image: "busybox:1", command: [httpd, -f, -p, "80"], networks: {back: {aliases: [store]}}}
  alone: {image: "busybox:1", command: [httpd, -f, -p, "127.0.0.1:80"], network_mode: none}
networks:
  front: {}
  back: {internal: true}
`)
	p.ok("up", "-d")

	reaches := func(from, to string) bool {
		return p.reaches(from, to, 80)
	}

	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"front", "both", true}, {"both", "back", true}, {"both", "store", true}, {"back", "both", true},
		{"alone", "127.0.0.1", true}, {"front", "back", false}, {"front", p.ps("back")[0].address(t), false},
	} {
		if !tt.want { // those that listen were waited for before
			if reaches(tt.from, tt.to) {
				t.Errorf("%s reaches %s", tt.from, tt.to)
			}

			continue
		}

		eventually(t, 15*time.Second, func() string {
			if !reaches(tt.from, tt.to) {
				return tt.from + " does not reach " + tt.to
			}

			return ""
		})
	}

	if got := p.inside("back", "ip route | grep ^default || true"); got != "" {
		t.Errorf("on an internal network there is a way out: %q", got)
	}
}

// reaches reports whether a container can open a connection to a port of another one.
func (p *project) reaches(from, to string, port int) bool {
	p.t.Helper()

	return p.icc("exec", "-T", from, "sh", "-c", fmt.Sprintf("echo | timeout 5 nc -w 2 %s %d >/dev/null", to, port)).code == 0
}

func TestBindMountsSecretsAndConfigs(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: debian:13-slim
    command: [sleep, infinity]
    user: "1000"
    volumes: ["./pages:/pages:ro", {type: tmpfs, target: /scratch}]
    secrets: [word, {source: word, target: /etc/other, mode: 0400, uid: "1000"}]
    configs: [{source: settings, target: /etc/settings}]
    env_file: web.env
secrets: {word: {file: ./word}}
configs: {settings: {content: "answer: ${ANSWER}"}}
`)
	p.write("word", "sesame\n")
	p.write("pages/index", "page\n")
	p.write("web.env", "FROM_FILE='quoted words'\n")
	p.write(".env", "ANSWER=42\n")
	p.ok("up", "-d")

	for script, want := range map[string]string{
		"cat /run/secrets/word":                 "sesame",
		"cat /etc/other; stat -c %a /etc/other": "sesame\n400",
		"cat /etc/settings":                     "answer: 42",
		"cat /pages/index":                      "page",
		"echo no > /pages/new || echo ro":       "ro",
		"touch /scratch/x && echo fine":         "fine",
		"echo $FROM_FILE; id -u":                "quoted words\n1000",
	} {
		if got := p.inside("web", script+" 2>/dev/null"); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}

	p.must(os.WriteFile(p.dir+"/pages/later", []byte("later\n"), 0o644))

	if got := p.inside("web", "cat /pages/later"); got != "later" {
		t.Errorf("a new file of a bind mount has %q", got)
	}
}

func TestCommandReplacesTheImagesAndEntrypointBoth(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  own: {image: "redis:8"}
  command: {image: "redis:8", command: [redis-server, --port, "7777"]}
  entrypoint: {image: "redis:8", entrypoint: [sleep, infinity]}
`)
	p.ok("up", "-d")

	for service, want := range map[string]string{"own": ":6379", "command": ":7777"} {
		eventually(t, 15*time.Second, func() string {
			if got := p.inside(service, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"); !strings.Contains(got, want) {
				return fmt.Sprintf("%s runs %q, want %q in it", service, got, want)
			}

			return ""
		})
	}

	eventually(t, 15*time.Second, func() string {
		if got := p.inside("entrypoint", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"); !strings.Contains(got, "sleep infinity") || strings.Contains(got, "redis") {
			return fmt.Sprintf("the entrypoint runs %q", got)
		}

		return ""
	})
}
