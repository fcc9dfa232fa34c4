//go:build incus

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// psRow is a line of "icc ps --format json", with docker compose's field names.
type psRow struct {
	Name, Project, Service, Image, Command, State, Status, Health string
	CreatedAt, RunningFor, Labels, Mounts, Networks, Ports        string
	ExitCode                                                      int
	Publishers                                                    []struct {
		URL                       string
		TargetPort, PublishedPort int
		Protocol                  string
	}
	Addresses map[string]string
}

// address is the row's only address.
func (r psRow) address(t *testing.T) string {
	t.Helper()

	for _, address := range r.Addresses {
		return address
	}

	t.Fatalf("%s has no address", r.Name)

	return ""
}

// ps returns what "icc ps -a" says of services.
func (p *project) ps(services ...string) []psRow {
	p.t.Helper()

	return parseRows[psRow](p, p.ok(append([]string{"ps", "-a", "--format", "json"}, services...)...).stdout)
}

// parseRows reads one JSON object a line.
func parseRows[T any](p *project, text string) []T {
	p.t.Helper()

	var rows []T

	for line := range strings.Lines(text) {
		var row T
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			p.t.Fatalf("the line is no JSON object: %v\n%s", err, line)
		}

		rows = append(rows, row)
	}

	return rows
}

func TestPs(t *testing.T) {
	t.Parallel()

	port := freePort()
	p := newProject(t, fmt.Sprintf(`
services:
  web:
    image: busybox:1
    command: [sleep, infinity]
    ports: ["127.0.0.1:%d:80", "%d:53/udp"]
    labels: {who: me}
    scale: 1
  db:
    image: busybox:1
    command: [sleep, infinity]
    scale: 2
    volumes: ["data:/data"]
    healthcheck: {test: [CMD, "true"]}
volumes: {data: {}}
`, port, port))

	if r := p.ok("ps"); strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("before up, ps prints more than its heads:\n%s", r.stdout)
	}

	p.ok("up", "-d")
	p.ok("stop", "web")

	t.Run("prints docker compose's columns", func(t *testing.T) {
		lines := strings.Split(strings.TrimSpace(p.ok("ps").stdout), "\n")
		if got := strings.Fields(lines[0]); !slices.Equal(got, []string{"NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"}) {
			t.Errorf("the heads are %q", got)
		}

		if len(lines) != 3 || !strings.HasPrefix(lines[1], p.instance("db", 1)) || !strings.HasPrefix(lines[2], p.instance("db", 2)) {
			t.Errorf("ps shows:\n%s", strings.Join(lines, "\n"))
		}
	})
	t.Run("shows stopped instances with -a", func(t *testing.T) {
		rows := p.ps()
		if len(rows) != 3 || rows[2].Service != "web" || rows[2].State != "exited" || !strings.HasPrefix(rows[2].Status, "Exited") {
			t.Errorf("ps -a shows %+v", rows)
		}
	})
	t.Run("has docker compose's JSON fields, one object a line", func(t *testing.T) {
		p.ok("start", "web")

		rows := p.ps("web")
		if len(rows) != 1 {
			t.Fatalf("ps web shows %+v", rows)
		}

		web := rows[0]
		if web.Name != p.instance("web", 1) || web.Project != p.name || web.Service != "web" || web.State != "running" ||
			!strings.HasPrefix(web.Status, "Up") || web.Image != "busybox:1" || !strings.Contains(web.Command, "sleep infinity") ||
			!strings.Contains(web.Labels, "who=me") || web.ExitCode != 0 || web.CreatedAt == "" {
			t.Errorf("ps shows %+v", web)
		}

		if len(web.Publishers) != 2 || web.Publishers[0].URL != "127.0.0.1" || web.Publishers[0].PublishedPort != port ||
			web.Publishers[0].TargetPort != 80 || web.Publishers[0].Protocol != "tcp" || web.Publishers[1].Protocol != "udp" {
			t.Errorf("its publishers are %+v", web.Publishers)
		}

		if want := fmt.Sprintf("127.0.0.1:%d->80/tcp", port); !strings.Contains(web.Ports, want) {
			t.Errorf("its ports are %q, want %q in it", web.Ports, want)
		}

		var fields map[string]any
		p.must(json.Unmarshal([]byte(p.ok("ps", "web", "--format", "json").stdout), &fields))

		for _, name := range []string{
			"Command", "CreatedAt", "ExitCode", "Health", "Image", "Labels", "Mounts", "Name", "Networks", "Ports", "Project",
			"Publishers", "RunningFor", "Service", "State", "Status",
		} {
			if _, ok := fields[name]; !ok {
				t.Errorf("the JSON form has no field %q", name)
			}
		}
	})
	t.Run("prints names or services only", func(t *testing.T) {
		if got, want := p.ok("ps", "-q").stdout, p.instance("db", 1)+"\n"+p.instance("db", 2)+"\n"+p.instance("web", 1)+"\n"; got != want {
			t.Errorf("ps -q prints %q, want %q", got, want)
		}

		if got := p.ok("ps", "--format", "{{.Service}} {{.State}}", "web").stdout; got != "web running\n" {
			t.Errorf("ps with a template prints %q", got)
		}

		if got := p.ok("ps", "--services").stdout; got != "db\nweb\n" {
			t.Errorf("ps --services prints %q", got)
		}
	})
	t.Run("refuses formats and services that do not exist", func(t *testing.T) {
		p.fails(2, []string{"ps", "--format", "xml"}, "xml", "hint: ")
		p.fails(1, []string{"ps", "wbe"}, `"wbe"`, "hint: ", "web")
	})
}

func TestWhatAStartReportsOfAJobIsOfThisRun(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  job: {image: "busybox:1", command: [sh, -c, "echo 'run number'; date +%s%N"]}
`)
	for run := range 3 {
		r := p.ok("up", "-d")
		said := "Instance " + p.instance("job", 1) + ": ended at once; it wrote:\n  run number\n  "
		if strings.Contains(r.stderr, "ended at once") && (!strings.Contains(r.stderr, said) || strings.Count(r.stderr, "run number") != 1) {
			t.Errorf("run %d is told of with\n%s", run, r.stderr)
		}

		eventually(t, patience, func() string {
			if rows := p.ps("job"); len(rows) != 1 || rows[0].State != "exited" {
				return fmt.Sprintf("ps shows %+v", rows)
			}

			return ""
		})
	}
}

func TestPsShowsHowAProcessEnded(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  job: {image: "busybox:1", command: [sh, -c, "exit 0"]}
`)
	p.ok("up", "-d")
	eventually(t, patience, func() string {
		if rows := p.ps("job"); len(rows) != 1 || rows[0].State != "exited" {
			return fmt.Sprintf("ps shows %+v", rows)
		}

		return ""
	})
}
