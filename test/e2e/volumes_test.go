//go:build incus

package e2e

import (
	"strings"
	"testing"
)

const keeper = `
services:
  keeper:
    image: busybox:1
    command: [sleep, infinity]
    volumes: ["data:/data"]
volumes:
  data:
`

func TestVolumeDataSurvivesDownAndUp(t *testing.T) {
	t.Parallel()
	p := newProject(t, keeper)
	p.ok("up", "-d")
	p.inside("keeper", "echo precious > /data/file")
	p.ok("down")
	p.wantInstances()

	if got := p.volumes(); len(got) != 1 {
		t.Fatalf("after down the volume is to be there, there are %q", got)
	}

	p.ok("up", "-d")

	if got := p.inside("keeper", "cat /data/file"); got != "precious" {
		t.Errorf("after down and up the file has %q", got)
	}
}

func TestDownVolumesRemovesTheData(t *testing.T) {
	t.Parallel()
	p := newProject(t, keeper)
	p.ok("up", "-d")
	p.inside("keeper", "echo precious > /data/file")
	p.ok("down", "--volumes")
	p.leavesNothing()
	p.ok("up", "-d")

	if got := p.inside("keeper", "ls /data"); got != "" {
		t.Errorf("after down --volumes the new volume has %q", got)
	}
}

func TestDownVolumesRemovesVolumesWhenNoInstanceIsLeft(t *testing.T) {
	t.Parallel()
	p := newProject(t, keeper)
	p.ok("up", "-d")
	p.ok("down")
	p.ok("down", "-v")
	p.leavesNothing()
}

func TestExternalVolumesAreLeftAlone(t *testing.T) {
	t.Parallel()
	p := newProject(t, "services: {}")
	name := p.name + "-outside"
	p.host.Output(t, "incus", "storage", "volume", "create", "default", name)
	t.Cleanup(func() { p.host.Output(t, "incus", "storage", "volume", "delete", "default", name) })
	p.write("compose.yaml", `
services:
  keeper:
    image: busybox:1
    command: [sleep, infinity]
    volumes: ["data:/data"]
volumes:
  data: {external: true, name: `+name+`}
`)
	// An Incus project of its own does not see the volumes of others, and nothing is made before that is said.
	p.fails(1, []string{"up", "-d"}, name, "hint:", "--incus-project")

	p.ok("--incus-project", "default", "up", "-d")
	p.ok("--incus-project", "default", "exec", "-T", "keeper", "sh", "-c", "echo precious > /data/file")
	p.ok("--incus-project", "default", "down", "--volumes")
	p.ok("--incus-project", "default", "up", "-d")

	got := p.ok("--incus-project", "default", "exec", "-T", "keeper", "cat", "/data/file").stdout
	if strings.TrimSpace(got) != "precious" {
		t.Errorf("down --volumes touched an external volume: the file has %q", got)
	}

	p.ok("--incus-project", "default", "down", "--volumes")
}

func TestANewVolumeHasTheImagesContent(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: nginx:1
    volumes: ["pages:/usr/share/nginx/html"]
volumes: {pages: {}}
`)
	p.ok("up", "-d")

	if got := p.inside("web", "ls /usr/share/nginx/html"); got != "50x.html\nindex.html" {
		t.Errorf("the volume has %q", got)
	}
}

func TestADatabaseKeepsItsRowsInAVolume(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  db:
    image: postgres:17
    environment: {POSTGRES_PASSWORD: secret}
    volumes: ["data:/var/lib/postgresql/data"]
    # The server that makes the database on a first start listens on no address, so this waits for the real one.
    healthcheck: {test: [CMD, pg_isready, -h, 127.0.0.1, -U, postgres], interval: 500ms, retries: 600}
  ready:
    image: busybox:1
    command: [sleep, infinity]
    depends_on: {db: {condition: service_healthy}}
volumes: {data: {}}
`)
	p.ok("up", "-d")
	p.ok("exec", "-T", "-u", "postgres", "db", "psql", "-c", "CREATE TABLE t AS SELECT 42 AS n")
	p.ok("down")
	p.ok("up", "-d")

	if got := p.ok("exec", "-T", "-u", "postgres", "db", "psql", "-At", "-c", "SELECT n FROM t").stdout; got != "42\n" {
		t.Errorf("the row is %q", got)
	}
}
