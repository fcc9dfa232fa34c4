//go:build incus

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestFlagsOfRun(t *testing.T) {
	t.Parallel()

	own, further := freePort(), freePort()
	p := newProject(t, fmt.Sprintf(`
services:
  db: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s}
  web: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, ports: ["%d:80"], networks: {default: {aliases: [shopfront]}}}
`, own))
	p.write("my.env", "A=from a file\nB=\"two words\"\n")
	p.ok("up", "-d", "db")

	const script = `echo "$A|$B|$C"; grep CapEff /proc/self/status; mkdir /www; echo page > /www/index.html; httpd -p 81 -h /www; exec httpd -f -p 80 -h /www`

	name := p.name + "-mine"
	flags := []string{"run", "-d", "-P", "--use-aliases", "--name", name, "-l", "a.b=c", "--env-from-file", "my.env", "-e", "B=b", "-e", "C=c", "--cap-drop", "ALL",
		"--cap-add", "NET_BIND_SERVICE", "-p", fmt.Sprintf("%d:81", further), "web", "sh", "-c", script}

	if out := p.ok(flags...).stdout; out != name+"\n" {
		t.Errorf("run -d prints %q", out)
	}

	for _, port := range []int{own, further} {
		if got := p.get(port, "/"); got != "page\n" {
			t.Errorf("port %d answers %q", port, got)
		}
	}

	p.until(30*time.Second, "the variables and capabilities are set", func() (string, bool) {
		out := p.ok("logs", "--no-log-prefix", name).stdout

		return out, out == "from a file|b|c\nCapEff:\t0000000000000400\n"
	})
	p.inside("db", "until nslookup shopfront; do sleep 0.1; done")

	if out := p.ok("ps", "-a", "--format", "json").stdout; !strings.Contains(out, `"Labels":"a.b=c"`) {
		t.Errorf("the label is missing: %s", out)
	}

	p.fails(1, []string{"run", "--rm", "-T", "--name", name, "web", "true"}, "an instance "+name+" already", "hint: ")
	p.fails(2, []string{"run", "--env-from-file", "none", "web", "true"}, "none", "hint: ")

	if _, ok := p.instances()[name]; !ok {
		t.Error("a run that was refused for its name has removed the one who has it")
	}
}

func TestFlagsOfUpInTheForeground(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  db: {image: "busybox:1", volumes: ["./ends:/ends:ro"], command: [sh, -c, "echo of db; until [ -e /ends/all ]; do sleep 0.1; done"]}
  web: {image: "busybox:1", volumes: ["./ends:/ends:ro"], command: [sh, -c, "echo of web; until [ -e /ends/all ]; do sleep 0.1; done"], depends_on: [db]}
`)
	p.write("ends/here", "")

	up := p.start("up", "--attach-dependencies", "--no-healthd", "--menu", "--quiet-pull", "web")
	up.prints("| of db\n")
	up.prints("| of web\n")
	p.write("ends/all", "")

	r := up.wait(60 * time.Second)
	if r.code != 0 || !strings.Contains(r.stdout, p.instance("web", 1)+" exited with code 0") {
		t.Error(r)
	}

	if !strings.Contains(r.stderr, "no menu") || strings.Contains(r.stderr, "Pulling") {
		t.Errorf("want a word about the menu and none about pulling: %s", r)
	}
}

func TestStatesInPsAndOrphansInKill(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web: {image: "busybox:1", command: [sleep, infinity]}
  flap: {image: "busybox:1", command: [sh, -c, "exit 1"], restart: always}
  ill: {image: "busybox:1", command: [sleep, infinity], healthcheck: {test: "echo it is bad; exit 3", interval: 300ms, retries: 2}}
`)
	p.ok("up", "-d")
	p.until(30*time.Second, "flap restarts and ill is unhealthy", func() (string, bool) {
		out := p.ok("ps").stdout

		return out, strings.Contains(out, "Restarting (1) ") && strings.Contains(out, "(unhealthy)")
	})
	p.until(30*time.Second, "ps --status finds flap", func() (string, bool) {
		out := p.ok("ps", "--status", "restarting", "-q").stdout

		return out, out == p.instance("flap", 1)+"\n"
	})

	if out := p.ok("ps", "--filter", "status=exited", "-q").stdout; out != "" {
		t.Errorf("exited are %q", out)
	}

	if out := p.ok("ps", "ill", "--format", "json").stdout; !strings.Contains(out, `"ExitCode":3,"Output":"it is bad\n"`) {
		t.Errorf("the results of the health test are missing: %s", out)
	}

	p.write("compose.yaml", `services: {web: {image: "busybox:1", command: [sleep, infinity]}}`)
	p.ok("kill", "--remove-orphans")
	p.wantInstances(p.instance("web", 1) + " stopped")
}
