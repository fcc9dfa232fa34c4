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

func TestImagesThatCannotBeHad(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		image string
		want  []string
	}{
		"that do not exist":               {"no-such-image:1", []string{"no-such-image"}},
		"with a tag that does not exist":  {"busybox:no-such-tag", []string{"no-such-tag"}},
		"of a registry that is down":      {"127.0.0.1:1/busybox:1", []string{"127.0.0.1:1"}},
		"of a registry without a name":    {"no-such-host.invalid/busybox:1", []string{"no-such-host.invalid"}},
		"of a remote that does not exist": {"nosuchremote:debian/13", []string{"nosuchremote"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, fmt.Sprintf(`
services:
  good: {image: "busybox:1", command: [sleep, infinity]}
  bad: {image: %q, command: [sleep, infinity], depends_on: [good]}
volumes: {data: {}}
`, tt.image))
			p.fails(1, []string{"up", "-d"}, append(tt.want, "compose.yaml:4: services.bad", "hint: ")...)

			for name := range p.instances() {
				if strings.Contains(name, "-bad-") {
					t.Errorf("%s was made without its image", name)
				}
			}
		})
	}
}

func TestAPortInUse(t *testing.T) {
	t.Parallel()

	port := freePort()
	compose := fmt.Sprintf(`services: {web: {image: "busybox:1", command: [sleep, infinity], ports: ["%d:80"]}}`, port)
	first := newProject(t, compose)
	first.ok("up", "-d")

	second := first.another(compose)
	second.fails(1, []string{"up", "-d"}, fmt.Sprint(port), "compose.yaml:1: services.web", "hint: ")

	if got := second.instances()[second.instance("web", 1)]; got.Status == "Running" {
		t.Error("the instance runs without its port")
	}

	// When the port is free again, running it again gets there.
	first.ok("down")
	second.ok("up", "-d")
	second.wantInstances(second.instance("web", 1) + " running")
}

func TestWhatTheServerRefusesIsExplained(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  sysctl: {image: "busybox:1", command: [sleep, infinity], sysctls: {net.nosuch: 1}}
  address: {image: "busybox:1", command: [sleep, infinity], ports: ["198.51.100.1:8080:80"]}
  device: {image: "busybox:1", command: [sleep, infinity], devices: ["/dev/nosuch"]}
  key: {image: "busybox:1", command: [sleep, infinity], x-incus: {no.such: 1}}
`)

	for line, tt := range [][]string{
		{"sysctl", "net.nosuch", "`sysctls`"}, {"address", "198.51.100.1", "`ports`"}, {"device", "dev-nosuch", "`devices`"}, {"key", "no.such", "`x-incus`"},
	} {
		p.fails(1, []string{"up", "-d", tt[0]}, append(tt, fmt.Sprintf("compose.yaml:%d: services.%s", line+3, tt[0]), "hint: ")...)
	}
}

func TestABindSourceThatIsMissingIsMadeAsDockerDoes(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {web: {image: "busybox:1", command: [sleep, infinity], volumes: ["./not/yet:/data"]}}`)
	p.changesNothing("plan", func() { p.looks(true, "plan") })

	if _, err := os.Stat(filepath.Join(p.dir, "not")); err == nil {
		t.Error("plan made the folder")
	}

	p.ok("up", "-d")

	if info, err := os.Stat(filepath.Join(p.dir, "not", "yet")); err != nil || !info.IsDir() {
		t.Errorf("the folder was not made: %v", err)
	}
}

func TestACommandThatDoesNotExist(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {web: {image: "busybox:1", command: [no-such-program]}}`)
	p.icc("up", "-d")

	// The process ends a moment after its start was reported.
	eventually(t, 30*time.Second, func() string {
		if rows := p.ps("web"); len(rows) != 1 || rows[0].State == "running" {
			return fmt.Sprintf("ps shows %+v", rows)
		}

		return ""
	})
}
