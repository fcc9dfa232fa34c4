//go:build incus

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	healthStatus = "user.healthcheck.status"
	healthMarker = "user.healthcheck.daemon"
)

// nativeWeb is a service without icc-init, whose health is a file. While there is another one, its test does not end.
const nativeWeb = `
services:
  web:
    image: "busybox:1"
    command: [sleep, infinity]
    x-icc: {init: off}
    healthcheck:
      test: ["CMD-SHELL", "while [ -e /hold ]; do sleep 0.1; done; echo looking; test -e /tmp/well"]
      interval: 1s
      timeout: 10m
      retries: 3
      start_period: 3s
      start_interval: 500ms
`

// key is what the server has under a key of a service's first instance.
func (p *project) key(service, name string) string {
	p.t.Helper()

	return p.instances()[p.instance(service, 1)].Config[name]
}

// untilKey waits until a key of a service's first instance has a value.
func (p *project) untilKey(service, name, want string) {
	p.t.Helper()
	p.until(30*time.Second, service+"'s "+name+" is "+want, func() (string, bool) {
		got := p.key(service, name)

		return got, got == want
	})
}

// native runs a script in an instance without icc-init.
func (p *project) native(service, script string) {
	p.t.Helper()
	p.ok("exec", "-T", service, "sh", "-c", script)
}

// takesLeave ends a daemon in order, after which a service has no marker any more. Only for what the server has not
// answered within two seconds the daemon does not wait.
func (p *project) takesLeave(daemon *running, service string) {
	p.t.Helper()

	begin := time.Now()

	daemon.signal(os.Interrupt)

	if r := daemon.wait(30 * time.Second); r.code != 0 {
		p.t.Error(r)
	}

	took := time.Since(begin)
	if got := p.key(service, healthMarker); got != "" && took < 2*time.Second {
		p.t.Errorf("after an orderly end in %s the marker is %q", took, got)
	}
}

func TestHealthdMovesThroughTheStates(t *testing.T) {
	t.Parallel()
	p := newProject(t, nativeWeb)
	p.ok("up", "-d")

	daemon := p.start("healthd", "--project", p.name)
	daemon.says("watching 1 instance in 1 project")
	p.untilKey("web", healthMarker, "true")

	// 3 s of grace since the start, then three failures a second apart.
	p.untilKey("web", healthStatus, "unhealthy")
	daemon.says("is unhealthy: its health test has failed 3 times in a row; its last output: looking")
	p.native("web", "touch /tmp/well")
	p.untilKey("web", healthStatus, "healthy")

	if got := p.ps("web")[0].Health; got != "healthy" {
		t.Errorf("ps shows %q", got)
	}

	if r := p.ok("plan"); !strings.Contains(r.stdout, "Nothing to do") {
		t.Errorf("what the daemon wrote is planned away:\n%s", r.stdout)
	}

	begin := time.Now()

	p.native("web", "rm /tmp/well")
	p.untilKey("web", healthStatus, "unhealthy")

	if took := time.Since(begin); took < time.Second {
		t.Errorf("unhealthy again after %s, want about 3 s", took)
	}

	p.native("web", "touch /hold")
	p.ok("stop", "-t", "0")
	p.untilKey("web", healthStatus, "stopped")
	p.ok("start")
	p.untilKey("web", healthStatus, "starting")
	p.native("web", "rm /hold")

	p.takesLeave(daemon, "web")
}

func TestHealthdRestartsWhatTheServerHasGivenUp(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  crash: &crash
    image: "busybox:1"
    command: [sleep, "1"]
    x-icc: {init: off}
    restart: always
  bounded: {<<: *crash, restart: "on-failure:4"}
  again: &told
    image: "busybox:1"
    command: [sh, -c, "until rm /end; do sleep 0.2; done"]
    x-icc: {init: off}
    restart: always
  once: {<<: *told, restart: "no", healthcheck: {test: [CMD, "true"]}}
  stopped: &keep
    image: "busybox:1"
    command: [sleep, infinity]
    x-icc: {init: off}
    restart: always
  killed: *keep
  incus: *keep
`)
	p.ok("up", "--no-start")

	// The server gives up when ten restarts fall within a minute, which a slow one never does.
	crash, bounded := p.instance("crash", 1), p.instance("bounded", 1)
	for _, name := range []string{crash, bounded} {
		p.host.Output(t, "incus", "config", "set", "--project", p.name, name, "boot.autorestart=false")
	}

	daemon := p.start("--progress", "json", "-p", p.name, "healthd")
	daemon.says("watching 7 instances in 1 project")
	p.ok("start")

	// They end when they are told to, which may end the command that tells them, too.
	p.icc("exec", "-T", "again", "touch", "/end")
	p.icc("exec", "-T", "once", "touch", "/end")
	p.ok("stop", "-t", "0", "stopped")
	p.ok("kill", "killed")
	p.host.Output(t, "incus", "stop", "--project", p.name, p.instance("incus", 1))

	for _, text := range []string{
		p.instance("again", 1) + " has ended by itself and was restarted by the server",
		crash + " has ended by itself and will be started again in 100ms", crash + " was restarted",
		crash + " has ended by itself and will be started again in 200ms",
		crash + " has ended by itself and will be started again in 400ms",
		bounded + " has ended by itself and stays stopped: it was restarted 4 times already",
		p.instance("once", 1) + " has ended by itself",
	} {
		daemon.says(text)
	}

	for _, service := range []string{"stopped", "killed", "incus", "bounded", "once"} {
		eventually(t, 10*time.Second, func() string {
			if got := p.instances()[p.instance(service, 1)].Status; got != "Stopped" {
				return service + " is " + got
			}

			return ""
		})
	}

	daemon.signal(syscall.SIGTERM)

	r := daemon.wait(30 * time.Second)
	if r.code != 0 {
		t.Error(r)
	}

	for line := range strings.Lines(r.stderr) {
		var event struct{ Type, Kind, Action, Text string }
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.Action != "watch" || event.Text == "" {
			t.Errorf("the daemon says %q (%v)", line, err)
		}
	}
}

func TestHealthdSurvivesTheLossOfTheServer(t *testing.T) {
	t.Parallel()
	p := newProject(t, nativeWeb)
	p.ok("up", "-d")

	line := newLine(p)
	daemon := p.with("INCUS_SOCKET="+line.socket).start("healthd", "--project", p.name)
	p.untilKey("web", healthStatus, "unhealthy")

	line.cut(true)
	daemon.says("the connection to the server is lost")
	p.native("web", "touch /tmp/well")
	time.Sleep(3 * time.Second)

	if got := p.key("web", healthStatus); got != "unhealthy" {
		t.Errorf("without a connection the status became %q", got)
	}

	line.cut(false)
	daemon.says("connected again, watching 1 instance")
	p.untilKey("web", healthStatus, "healthy")

	// And again, in the middle of everything and without a pause.
	line.cut(true)
	line.cut(false)
	p.native("web", "rm /tmp/well")
	p.untilKey("web", healthStatus, "unhealthy")
	p.ok("stop", "-t", "0")
	p.untilKey("web", healthStatus, "stopped")
	daemon.signal(os.Interrupt)

	if r := daemon.wait(30 * time.Second); r.code != 0 {
		t.Error(r)
	}
}

func TestHealthdNeedsNoMoreThanARestrictedCertificate(t *testing.T) {
	t.Parallel()
	p := newProject(t, nativeWeb)
	p.ok("up", "-d")
	other := p.another(nativeWeb)
	other.ok("up", "-d")

	limited := p.with("INCUS_CONF="+p.restrictedRemote(p.name), "INCUS_SOCKET=/nowhere/unix.socket")
	if r := limited.icc("--remote", "far", "ls", "-q"); r.code != 0 || r.stdout != p.name+"\n" {
		t.Fatalf("the certificate is not restricted: %s", r)
	}

	daemon := limited.start("--remote", "far", "healthd")
	daemon.says("watching 1 instance in 1 project")
	p.untilKey("web", healthStatus, "unhealthy")
	p.native("web", "touch /tmp/well")
	p.untilKey("web", healthStatus, "healthy")
	p.ok("stop", "-t", "0")
	p.untilKey("web", healthStatus, "stopped")

	if got := other.key("web", healthMarker); got != "" {
		t.Errorf("a project that the certificate is not for is watched: %q", got)
	}

	p.takesLeave(daemon, "web")
}

func TestHealthdLeavesWhatHasOptedOut(t *testing.T) {
	t.Parallel()
	p := newProject(t, nativeWeb+`
  own: {image: "busybox:1", command: [sleep, infinity], healthcheck: {test: [CMD, "true"], interval: 1s}}
`)
	p.ok("up", "-d", "--no-healthd")

	daemon := p.start("healthd", "--project", p.name)
	daemon.says("watching 0 instances in 0 projects")

	if got := p.key("web", healthMarker); got != "false" {
		t.Errorf("the opt-out is %q", got)
	}

	if r := p.ok("up", "-d", "--no-healthd"); !strings.Contains(r.stderr, "Nothing to do") {
		t.Errorf("a second up found something to do:\n%s", r.stderr)
	}

	before := p.instances()[p.instance("web", 1)].LastUsedAt

	p.ok("up", "-d")
	p.untilKey("web", healthMarker, "true")
	p.untilKey("web", healthStatus, "unhealthy")

	if after := p.instances()[p.instance("web", 1)].LastUsedAt; after != before {
		t.Error("opting in has restarted the service")
	}

	p.ok("up", "-d", "--no-healthd")
	p.native("web", "touch /tmp/well")
	time.Sleep(3 * time.Second)

	if got := p.key("web", healthMarker) + " " + p.key("web", healthStatus); got != "false unhealthy" {
		t.Errorf("what has opted out again is %q", got)
	}

	if got := p.key("own", healthMarker) + p.key("own", healthStatus); got != "" {
		t.Errorf("what icc-init looks after has %q", got)
	}
}

func TestHealthdSaysWhatItCannotDo(t *testing.T) {
	t.Parallel()
	p := newProject(t, nativeWeb)
	p.refused(p.with("INCUS_SOCKET=/nowhere/unix.socket").icc("healthd"), 1, "/nowhere/unix.socket", "hint: ")
	p.fails(2, []string{"healthd", "web"}, `"web"`, "hint: ")

	if out := p.ok("healthd", "--help").stdout; !strings.Contains(out, "--project") || !strings.Contains(out, "icc-init") {
		t.Errorf("healthd --help prints\n%s", out)
	}
}

// restrictedRemote returns a client configuration that knows the server as "far", with a certificate that is good for
// some Incus projects only.
func (p *project) restrictedRemote(projects string) string {
	p.t.Helper()

	conf := filepath.Join(p.dir, "restricted-conf")
	p.must(os.MkdirAll(conf, 0o755))

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
	incus("config", "trust", "add-certificate", filepath.Join(conf, "client.crt"), "--name", p.name, "--restricted", "--projects", projects)
	incus("remote", "add", "far", "https://127.0.0.1:8443", "--accept-certificate")

	return conf
}
