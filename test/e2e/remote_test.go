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

// remote makes the server reachable over TLS and returns a client configuration that knows it as "far".
func (p *project) remote() string {
	p.t.Helper()

	conf := filepath.Join(p.dir, "incus-conf")
	p.must(os.MkdirAll(conf, 0o755))

	// The registries that the server's users have configured are where icc looks at images.
	config, err := os.ReadFile(filepath.Join(p.host.Conf, "config.yml"))
	p.must(err)
	p.must(os.WriteFile(filepath.Join(conf, "config.yml"), config, 0o644))

	incus := func(args ...string) {
		p.t.Helper()

		command := p.host.Command(p.t, "incus", args...)
		command.Env = append(command.Env, "INCUS_CONF="+conf)

		if out, err := command.CombinedOutput(); err != nil {
			p.t.Fatalf("incus %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}

	p.listens()
	incus("remote", "generate-certificate")
	incus("config", "trust", "add-certificate", filepath.Join(conf, "client.crt"), "--name", p.name)
	incus("remote", "add", "far", "https://127.0.0.1:8443", "--accept-certificate")

	return conf
}

func TestARemoteServer(t *testing.T) {
	t.Parallel()

	port := freePort()
	p := newProject(t, fmt.Sprintf(`
services:
  web:
    image: busybox:1
    command: [sh, -c, "echo hello; mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www"]
    ports: ["%d:80"]
    volumes: ["data:/data"]
    secrets: [word]
volumes: {data: {}}
secrets: {word: {file: ./word}}
`, port))
	p.write("word", "sesame")
	p.env = append(p.env, "INCUS_CONF="+p.remote(), "INCUS_SOCKET=/nowhere/unix.socket")
	far := func(args ...string) []string { return append([]string{"--remote", "far"}, args...) }

	p.ok(far("up", "-d")...)

	if got := p.get(port, "/"); got != "page\n" {
		t.Errorf("the port answers %q", got)
	}

	if r := p.ok(far("up", "-d")...); !strings.Contains(r.stderr, "Nothing to do") {
		t.Errorf("a second up found something to do:\n%s", r.stderr)
	}

	if got := p.ok(far("exec", "-T", "web", "cat", "/run/secrets/word")...).stdout; got != "sesame" {
		t.Errorf("the secret is %q", got)
	}

	if r := p.piped("through\n", far("exec", "-T", "web", "sh", "-c", "cat; exit 3")...); r.stdout != "through\n" || r.code != 3 {
		t.Error(r)
	}

	if out := p.ok(far("logs", "--no-log-prefix")...).stdout; !strings.Contains(out, "hello") {
		t.Errorf("the logs are %q", out)
	}

	p.ok(far("stop")...)
	p.ok(far("down", "--volumes")...)

	// The clean-up afterwards goes over the socket again.
	p.env = nil
	p.leavesNothing()
}

func TestProcessesOfARemoteServer(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web: {image: "busybox:1", stdin_open: true, stop_grace_period: 0s, command: [sh, -c, "echo ready; while read line; do echo got $$line; done; exit 7"]}
`)
	p.env = append(p.env, "INCUS_CONF="+p.remote(), "INCUS_SOCKET=/nowhere/unix.socket")

	defer func() { p.env = nil }() // the clean-up goes over the socket again

	far := func(args ...string) []string { return append([]string{"--remote", "far"}, args...) }

	if r := p.piped("through\n", far("run", "--rm", "-T", "web", "sh", "-c", "cat; echo err >&2; exit 3")...); r.stdout != "through\n" || r.code != 3 || !strings.Contains(r.stderr, "err\n") {
		t.Error(r)
	}

	up := p.start(far("up")...)
	up.prints("| ready")

	logs := p.start(far("logs", "-f", "--no-log-prefix")...)
	logs.prints("ready")

	if r := p.piped("one\n", far("attach", "web")...); !strings.Contains(r.stdout, "got one\n") || r.code != 7 {
		t.Errorf("attach: %s", r)
	}

	logs.prints("got one")

	if got := logs.wait(20 * time.Second); got.code != 0 {
		t.Errorf("logs -f does not end with the instance: %s", got)
	}

	if got := up.wait(20 * time.Second); got.code != 0 || !strings.Contains(got.stdout, p.instance("web", 1)+" exited with code 7\n") {
		t.Errorf("up: %s", got)
	}

	if out := p.ok(far("ps", "-a")...).stdout; !strings.Contains(out, "Exited (7)") {
		t.Errorf("ps shows\n%s", out)
	}

	up = p.start(far("up")...)
	up.prints("| ready")
	up.signal(os.Interrupt)

	if got := up.wait(20 * time.Second); got.code != 130 {
		t.Errorf("up was interrupted: %s", got)
	}

	p.ok(far("down")...)
}

func TestABindMountOnARemoteServerIsRefused(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {web: {image: "busybox:1", command: [sleep, infinity], volumes: ["./here:/here"]}}`)
	p.write("here/file", "")

	conf := p.remote()
	p.refused(p.with("INCUS_CONF="+conf).icc("--remote", "far", "up", "-d"), 1, "here", "another machine", "hint: ")
	p.leavesNothing()
}
