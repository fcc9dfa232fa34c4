//go:build incus

package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestAChattyServiceIsNeitherSlowNorFillsTheDisk(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  chatty:
    image: "busybox:1"
    command: ["yes", "a line of the usual length that says nothing to anybody, but says it often"]
    stop_grace_period: 1m
    logging: {driver: json-file, options: {max-size: 10m, max-file: "2"}}
`)
	p.ok("up", "-d")

	// One more file may be there while it is looked, and what is looked at goes on growing.
	const most, overtaken = 64 << 20, "dropped by rotation"

	before := p.written("chatty")
	wantWritten := func() bool { return p.written("chatty")-before > 200<<20 }

	// It writes that much in a few seconds; what writes a line at a time takes an hour for it.
	p.until(patience, "the service writes a lot", func() (string, bool) {
		if size := p.logSize("chatty"); size > most {
			t.Errorf("the log has %d bytes, with two files of 10 MB", size)
		}

		// A file of 10 MB is full within 50 ms, so that a busy reader may be overtaken; it says so then.
		r := p.ok("logs", "--no-log-prefix", "--tail", "5", "chatty")
		if n := strings.Count(r.stdout, "\n"); n != 5 && !strings.Contains(r.stderr, overtaken) {
			t.Errorf("the last five lines: %s", r)
		}

		return r.String(), wantWritten()
	})

	icc, err := iccPath()
	p.must(err)

	pipe := p.host.Command(t, "bash", "-c", `"$0" logs -f --no-log-prefix chatty | head -n 1000`, icc)
	pipe.Dir = p.dir
	r := p.run(pipe, "", []string{"logs -f | head -n 1000"})

	if strings.Count(r.stdout, "\n") != 1000 || r.stderr != "" && !strings.Contains(r.stderr, overtaken) {
		t.Errorf("a pipe that is closed early: %d lines, %s", strings.Count(r.stdout, "\n"), r.stderr)
	}

	p.ok("stop")

	if row := p.ps("chatty")[0]; row.ExitCode != 143 {
		t.Errorf("it did not end when it was told to: %+v", row)
	}

	// Now nothing overtakes anybody.
	if r := p.ok("logs", "--no-log-prefix", "--tail", "5", "chatty"); strings.Count(r.stdout, "\n") != 5 {
		t.Errorf("the last five lines after the stop: %s", r)
	}

	if size := p.logSize("chatty"); size > most/2 {
		t.Errorf("the log has %d bytes after the stop", size)
	}
}

// written returns how many bytes the main process of a service has written so far.
func (p *project) written(service string) int {
	p.t.Helper()

	script := `for d in /proc/[0-9]*; do if [ "$(cat $d/comm)" = yes ]; then sed -n 's/^wchar: //p' $d/io; fi; done`

	n, err := strconv.Atoi(p.inside(service, script))
	p.must(err)

	return n
}

// logSize adds up the files of a service's log, where the server keeps them.
func (p *project) logSize(service string) int64 {
	p.t.Helper()

	files, err := filepath.Glob(filepath.Join(p.runtimeVolume(), p.instance(service, 1), "log", "*"))
	p.must(err)

	var all int64

	for _, file := range files {
		if info, err := os.Stat(file); err == nil { // the oldest may just be gone
			all += info.Size()
		}
	}

	if len(files) == 0 {
		p.t.Fatalf("there is no log of %s in %s", service, p.runtimeVolume())
	}

	return all
}

// runtimeVolume is where the server keeps the files of icc-init's volume.
func (p *project) runtimeVolume() string {
	p.t.Helper()

	found, err := filepath.Glob(filepath.Join(filepath.Dir(p.host.Socket), "storage-pools/*/custom", p.name+"_*runtime*"))
	p.must(err)

	if len(found) != 1 {
		p.t.Fatalf("the volumes of icc-init in %s are %v", p.name, found)
	}

	return found[0]
}
