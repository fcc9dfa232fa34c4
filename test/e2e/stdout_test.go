//go:build incus

package e2e

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOutputThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web: {image: "busybox:1", command: [sh, -c, "while :; do echo line; sleep 0.1; done"], stop_grace_period: 0s}
`)
	p.ok("up", "-d")

	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	p.must(err)

	defer full.Close()

	for _, args := range [][]string{
		{"version"}, {"--help"}, {"config"}, {"ps"}, {"ps", "--format", "json"}, {"ls"}, {"plan"}, {"top"}, {"logs"}, {"logs", "-f"},
		{"up"}, {"exec", "-T", "web", "cat", "/proc/version"}, {"plugin", "list"}, {"builder", "list"},
		{"images"}, {"images", "-q"}, {"images", "--format", "json"}, {"images", "prune", "--dry-run"}, {"diff"},
	} {
		command := p.command(args...)
		command.Stdout = full

		var stderr bytes.Buffer

		command.Stderr = &stderr
		p.must(command.Start())
		hung := time.AfterFunc(busy*patience, func() { _ = command.Process.Kill() })
		_ = command.Wait() // the exit code says it
		hung.Stop()

		says := stderr.String()
		if code := command.ProcessState.ExitCode(); code != 1 || strings.Count(says, "error: ") != 1 || !strings.Contains(says, syscall.ENOSPC.Error()) {
			t.Errorf("icc %s: exit code %d\n%s", strings.Join(args, " "), code, says)
		}
	}

	if row := p.ps("web")[0]; row.State != "running" {
		t.Errorf("web is %s", row.State)
	}
}
