//go:build incus

package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
)

func TestASpecThatCannotBeReadIsAClearError(t *testing.T) {
	t.Parallel()

	for name, change := range map[string]struct{ key, value, says string }{
		"nonsense":     {"user.icc.spec", "{not json", "spec"},
		"no guest API": {"security.guestapi", "false", "security.guestapi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, sleeper)
			p.ok("up", "-d")
			p.ok("stop", "web")
			p.setKey("web", change.key, change.value)
			p.fails(1, []string{"start", "web"}, "web", change.says)
			p.untilState("web", "exited")
		})
	}
}

// setKey changes an instance's configuration as a person with the incus client does.
func (p *project) setKey(service, key, value string) {
	p.t.Helper()

	name := p.instance(service, 1)
	server := p.host.Incus(p.t).UseProject(p.instances()[name].Project)

	// The server may still be writing down how it ended.
	p.until(20*time.Second, key+" is set", func() (string, bool) {
		inst, etag, err := server.GetInstance(name)
		p.must(err)

		inst.Config[key] = value

		op, err := server.UpdateInstance(name, inst.Writable(), etag)
		if err == nil {
			err = op.Wait()
		}

		return fmt.Sprint(err), err == nil
	})
}

func TestALogDirectoryThatIsFullBlocksNobody(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: "busybox:1"
    command: [sh, -c, "i=0; while :; do printf 'line %d %4000d\\n' $$i 0; i=$$((i+1)); echo $$i > /lines; sleep 0.05; done"]
`)
	p.ok("up", "-d")
	p.until(10*time.Second, "lines arrive", func() (string, bool) {
		out := p.ok("logs", "web").stdout

		return out, strings.Contains(out, "line 3")
	})

	// No disk of a known size is at hand: a tmpfs of one page in the place of the log directory is as full.
	p.ok("exec", "-T", "-u", "root", "web", "sh", "-c", "mount -t tmpfs -o size=4k none /.icc/log && dd if=/dev/zero of=/.icc/log/fill bs=4k count=2 2>/dev/null; true")

	lines := func() int {
		n, _ := strconv.Atoi(p.inside("web", "cat /lines")) // it may just be written
		return n
	}
	full := lines()

	// Which is more than what a pipe takes.
	p.until(20*time.Second, "web goes on", func() (string, bool) {
		n := lines()

		return fmt.Sprintf("%d lines then, %d now", full, n), n >= full+40
	})
	p.untilState("web", "running")

	p.ok("exec", "-T", "-u", "root", "web", "umount", "-l", "/.icc/log")
	p.ok("stop", "web")
}

func TestARemovedRuntimeVolumeIsMadeAnew(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")
	p.ok("stop")

	server := p.host.Incus(t)
	project := p.instances()[p.instance("web", 1)].Project

	for _, name := range p.customVolumes() {
		if strings.Contains(name, "icc") {
			// Incus refuses to delete what instances use, so it is emptied.
			p.emptyVolume(server.UseProject(project).GetStoragePoolVolumeFileSFTP("default", "custom", name))
		}
	}

	p.ok("up", "-d")
	p.wantInstances(p.instance("db", 1)+" running", p.instance("web", 1)+" running")
}

// emptyVolume removes all that is in a volume.
func (p *project) emptyVolume(files *sftp.Client, err error) {
	p.t.Helper()
	p.must(err)

	defer func() { _ = files.Close() }()

	entries, err := files.ReadDir("/")
	p.must(err)

	for _, entry := range entries {
		p.must(files.RemoveAll("/" + entry.Name()))
	}
}
