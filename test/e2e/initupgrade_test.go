//go:build incus

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestANewerIccInitLeavesAloneWhatRuns(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  old: {image: "busybox:1", command: [sleep, infinity]}
  young: {image: "busybox:1", command: [sleep, infinity], profiles: [later]}
`)
	p.ok("up", "-d")
	// The kernel's ticks at the start of PID 1.
	since := func() string { return p.inside("old", "cut -d ' ' -f 22 /proc/1/stat") }
	started := since()

	// program is what an instance has at icc-init's place, and what it runs.
	program := func(service string) (file, running string) {
		t.Helper()
		sums := strings.Fields(p.ok("exec", "-T", service, "sha256sum", "/s6-init", "/proc/1/exe").stdout)
		if len(sums) != 4 {
			t.Fatalf("sums of %s: %q", service, sums)
		}
		return sums[0], sums[2]
	}
	before, _ := program("old")

	newer := p.newerIcc()
	r := p.run(newer("--profile", "later", "up", "-d"), "", []string{"up", "-d"})
	if r.code != 0 || strings.Contains(r.stderr, p.instance("old", 1)) {
		t.Fatalf("a newer icc-init is no reason to touch what runs: %s", r)
	}
	file, running := program("young")
	if file == before || running != file {
		t.Errorf("what is started has %s and runs %s, as what was started earlier (%s)", file, running, before)
	}
	if file, running := program("old"); file != before || running != before {
		t.Errorf("what runs has %s and runs %s instead of %s", file, running, before)
	}
	if now := since(); now != started {
		t.Error("what ran was restarted")
	}
	if r := p.run(newer("restart", "old"), "", []string{"restart"}); r.code != 0 {
		t.Fatal(r)
	}
	if again, _ := program("old"); again != file || since() == started {
		t.Errorf("after a restart the instance has %s, not %s, and runs since %s", again, file, since())
	}
}

// newerIcc returns how to run a copy of icc with another icc-init.
func (p *project) newerIcc() func(args ...string) *exec.Cmd {
	p.t.Helper()
	icc, err := iccPath()
	p.must(err)
	dir := filepath.Join(p.dir, "newer")
	// As project.program says: what another test starts now must not inherit the programs open for writing. Those that a
	// process of its own copies are open in that one alone, and nobody has to wait for so many bytes.
	if out, err := exec.Command("cp", "-r", filepath.Dir(icc), dir).CombinedOutput(); err != nil {
		p.t.Fatalf("%v\n%s", err, out)
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	inits, err := filepath.Glob(filepath.Join(dir, "icc-init-linux-*"))
	p.must(err)
	if len(inits) == 0 {
		p.t.Fatal("there is no icc-init beside icc")
	}
	for _, name := range inits {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		p.must(err)
		_, err = f.WriteString("newer")
		p.must(err)
		p.must(f.Close())
	}
	return func(args ...string) *exec.Cmd {
		command := p.command(args...)
		command.Args[slices.Index(command.Args, icc)] = filepath.Join(dir, filepath.Base(icc))
		return command
	}
}
