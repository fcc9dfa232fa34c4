//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/test/testbed"
)

// diskSize is a disk that holds a project of busybox and little more.
const diskSize = "150MiB"

func TestAFullDiskNeitherStopsNorBlocksAServiceAndIsReportedLater(t *testing.T) {
	t.Parallel()
	p := newProjectOnADisk(t, `
services:
  steady:
    image: "busybox:1"
    stop_grace_period: 1m
    healthcheck: {test: [CMD, "true"], interval: 1s}
    command: [sh, -c, "i=0; while :; do echo line $$i; i=$$((i+1)); sleep 0.05; done"]
  burst:
    image: "busybox:1"
    stop_grace_period: 1m
    command: [sh, -c, "until [ -e /dev/shm/go ]; do sleep 0.1; done; until [ -e /dev/shm/enough ]; do yes 'a line of a burst' | head -c 1000000; echo burst >> /dev/shm/bursts; sleep 0.1; done; sleep 1000"]
`)
	p.ok("up", "-d", "--wait")
	p.logged("steady", "line 3")

	// All that is free, to the last block.
	p.inside("burst", "dd if=/dev/zero of=/fill bs=64k 2>/dev/null; dd if=/dev/zero of=/fill2 bs=1k 2>/dev/null; sync; true")

	p.inside("burst", "touch /dev/shm/go")
	// Far more than what is kept in memory for a disk that cannot take it.
	p.until(60*time.Second, "a service that writes much has written 30 MB", func() (string, bool) {
		bursts := p.inside("burst", "cat /dev/shm/bursts 2>/dev/null || true")

		return bursts, strings.Count(bursts, "burst") >= 30
	})
	p.inside("burst", "touch /dev/shm/enough")

	for _, row := range p.ps() {
		if row.State != "running" || row.Service == "steady" && row.Health != "healthy" {
			t.Errorf("on a full disk: %+v", row)
		}
	}

	if r := p.icc("run", "--rm", "-T", "steady", "true"); r.code == 0 || !strings.Contains(r.stderr, "no space left on device") || !strings.Contains(r.stderr, "make room") {
		t.Errorf("one more instance on a full disk: %s", r)
	}

	p.inside("burst", "rm /fill /fill2")
	p.until(30*time.Second, "burst says what was lost", func() (string, bool) {
		note := p.ok("logs", "--no-log-prefix", "--tail", "3", "burst").stderr

		return note, strings.Contains(note, "lines were dropped: no space left on device")
	})
	p.until(30*time.Second, "steady writes again", func() (string, bool) {
		before := p.ok("logs", "--tail", "1", "--no-log-prefix", "steady").stdout
		time.Sleep(500 * time.Millisecond)
		after := p.ok("logs", "--tail", "1", "--no-log-prefix", "steady").stdout

		return before + after, before != after
	})

	p.ok("stop")

	for _, row := range p.ps() {
		if row.ExitCode != 143 {
			t.Errorf("it did not end when it was told to: %+v", row)
		}
	}
}

// newProjectOnADisk is newProject with all its data in a storage pool of its own of diskSize.
func newProjectOnADisk(t *testing.T, compose string) *project {
	t.Helper()

	const name = "disk-full"

	server := testbed.Env(t).Incus(t)

	if err := server.CreateStoragePool(api.StoragePoolsPost{
		Name: name, Driver: "btrfs", StoragePoolPut: api.StoragePoolPut{Config: map[string]string{"size": diskSize}},
	}); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := server.DeleteStoragePool(name); err != nil {
			t.Error(err)
		}
	})

	p := newProject(t, compose)
	p.env = append(p.env, "ICC_STORAGE_POOL="+name)

	return p
}
