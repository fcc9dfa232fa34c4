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

func TestStopStartRestart(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	web, db := p.instance("web", 1), p.instance("db", 1)
	p.ok("up", "-d")

	p.ok("stop")
	p.wantInstances(web+" stopped", db+" stopped")
	p.ok("stop")
	p.ok("start", "db")
	p.wantInstances(web+" stopped", db+" running")
	p.ok("start")
	p.wantInstances(web+" running", db+" running")

	p.inside("web", "touch /kept")
	before := p.instances()
	p.ok("restart", "web")
	p.wantInstances(web+" running", db+" running")
	after := p.instances()

	if !after[web].LastUsedAt.After(before[web].LastUsedAt) || after[db].LastUsedAt != before[db].LastUsedAt {
		t.Error("restart web did not restart web, or did restart db")
	}

	if got := p.inside("web", "ls /kept"); got != "/kept" {
		t.Error("restart lost the instance's files")
	}

	for _, verb := range []string{"start", "stop", "restart"} {
		p.fails(1, []string{verb, "nobody"}, `"nobody"`, "hint: ")
	}
}

func TestStopGoesFromDependentsToDependencies(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")

	r := p.ok("stop")
	if web, db := strings.Index(r.stderr, p.instance("web", 1)+"  Stopped"), strings.Index(r.stderr, p.instance("db", 1)+"  Stopping"); web < 0 || db < web {
		t.Errorf("db was stopped before web had ended:\n%s", r.stderr)
	}
}

func TestStopKillsAfterTheTimeout(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {deaf: {image: "busybox:1", command: [sh, -c, "trap '' TERM; echo ready; while :; do sleep 1; done"], stop_grace_period: 1h}}`)
	p.ok("up", "-d")
	p.logged("deaf", "ready")
	p.ok("stop", "-t", "1") // after the grace period it would be a run that hangs
	p.wantInstances(p.instance("deaf", 1) + " stopped")

	if row := p.ps("deaf")[0]; row.ExitCode != 137 {
		t.Errorf("deaf: %+v", row)
	}
}

func TestEveryStopIsGracefulUnlessItMustBeAtOnce(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  polite:
    image: busybox:1
    command: [sh, -c, "trap 'echo bye > /here/bye; exit 0' TERM; while :; do touch /here/ready; sleep 0.1; done"]
    volumes: ["./here:/here", "data:/data"]
    stop_grace_period: 2m
volumes: {data: {}}
`)
	p.write("here/log", "")
	p.must(os.Chmod(filepath.Join(p.dir, "here"), 0o777))

	said := func() bool {
		_, err := os.Stat(filepath.Join(p.dir, "here", "bye"))

		return err == nil
	}

	for _, tt := range []struct {
		args     []string
		graceful bool
	}{
		{[]string{"stop"}, true}, {[]string{"restart"}, true}, {[]string{"stop", "-t", "60"}, true}, {[]string{"down"}, true},
		{[]string{"down", "--volumes"}, true}, {[]string{"stop", "-t", "0"}, false}, {[]string{"down", "-t", "0"}, false},
	} {
		p.ok("up", "-d")
		eventually(t, patience, func() string {
			if _, err := os.Stat(filepath.Join(p.dir, "here", "ready")); err != nil {
				return "the service does not come up"
			}

			return ""
		})
		p.ok(tt.args...)

		if got := said(); got != tt.graceful {
			t.Errorf("icc %s let the service say good-bye: %v, want %v", strings.Join(tt.args, " "), got, tt.graceful)
		}

		for _, name := range []string{"bye", "ready"} {
			_ = os.Remove(filepath.Join(p.dir, "here", name)) // bye is not always there
		}
	}
}

func TestCommandsWorkFromTheServerAlone(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: busybox:1
    command: [sh, -c, "echo hello; sleep infinity"]
    secrets: [word]
    depends_on: [db]
  db:
    image: busybox:1
    command: [sleep, infinity]
    volumes: ["data:/data"]
    networks: [back]
networks: {back: {internal: true}}
volumes: {data: {}}
secrets: {word: {file: ./word}}
`)
	p.write("word", "sesame")
	p.ok("up", "-d")
	p.remove("word")

	t.Run("with the secret file gone", func(t *testing.T) {
		if rows := p.ps(); len(rows) != 2 {
			t.Errorf("ps shows %+v", rows)
		}

		p.ok("stop", "web")
		p.ok("start", "web")
	})
	t.Run("with a mistake in the file, which comes from the standard input", func(t *testing.T) {
		args := []string{"-f", "-", "ps", "-q"}
		command := p.command(args...)
		command.Dir = "/"

		if r := p.run(command, "name: "+p.name+"\nservices: {web: {imag: x}}\n", args); len(strings.Fields(r.stdout)) != 2 {
			t.Errorf("the instances are not shown: %s", r)
		}
	})
	p.remove("compose.yaml")
	t.Run("with the compose file gone", func(t *testing.T) {
		name := []string{"-p", p.name}
		in := func(args ...string) result {
			t.Helper()

			r := p.inFolder("/", append(name, args...)...)
			if r.code != 0 {
				t.Error(r)
			}

			return r
		}

		if out := in("ps", "-q").stdout; out != p.instance("db", 1)+"\n"+p.instance("web", 1)+"\n" {
			t.Errorf("ps -q prints %q", out)
		}

		eventually(t, 15*time.Second, func() string {
			if out := in("logs", "--no-log-prefix", "web").stdout; !strings.Contains(out, "hello") {
				return fmt.Sprintf("logs prints %q", out)
			}

			return ""
		})

		if out := in("exec", "-T", "web", "cat", "/run/secrets/word").stdout; out != "sesame" {
			t.Errorf("exec prints %q", out)
		}

		r := in("stop")
		if web, db := strings.Index(r.stderr, p.instance("web", 1)+"  Stopped"), strings.Index(r.stderr, p.instance("db", 1)+"  Stopping"); web < 0 || db < web {
			t.Errorf("without the compose file, db was stopped before web had ended:\n%s", r.stderr)
		}

		in("start")
		p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")
		in("restart", "web")
		in("down")
		p.wantInstances()

		if got := p.volumes(); len(got) != 1 {
			t.Errorf("after down the data is to be there and the secrets gone, there are %q", got)
		}

		in("down", "--volumes")
		p.leavesNothing()
	})
}

func TestReadOnlyCommandsChangeNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t, talkers)
	commands := [][]string{
		{"ps", "-a"}, {"ls", "-a"}, {"diff"}, {"up", "--dry-run"}, {"config"}, {"version"}, {"plugin", "list"}, {"plugin", "info", "network"},
	}

	p.changesNothing("reading before up", func() {
		for _, args := range commands {
			p.ok(args...)
		}
	})
	p.leavesNothing()
	p.ok("up", "-d")
	p.changesNothing("reading after up", func() {
		for _, args := range append(commands, []string{"plan"}, []string{"logs"}, []string{"logs", "--tail", "1", "a"}) {
			p.ok(args...)
		}
	})

	// And what does change something is seen, or the silence above means nothing.
	w := p.watchWrites()
	p.ok("stop", "-t", "0", "b")
	w.sees("instance-")
}
