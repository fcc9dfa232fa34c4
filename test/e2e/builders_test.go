//go:build incus

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tools makes a directory with links to the host's programs, but for those of the names.
func (p *project) tools(without ...string) string {
	p.t.Helper()

	dir := filepath.Join(p.t.TempDir(), "bin")
	p.must(os.Mkdir(dir, 0o755))

	for _, from := range []string{"/usr/local/bin", "/usr/sbin", "/usr/bin"} {
		entries, err := os.ReadDir(from)
		p.must(err)

		for _, e := range entries {
			if !strings.Contains(" "+strings.Join(without, " ")+" ", " "+e.Name()+" ") {
				_ = os.Symlink(filepath.Join(from, e.Name()), filepath.Join(dir, e.Name())) // the first one counts
			}
		}
	}

	return dir
}

// builderRow is a row of `icc builder list`.
type builderRow struct{ Name, Chosen, Reason string }

// builders returns who builds and why, and why others do not.
func (p *project) builders(args ...string) (chosen string, reasons map[string]string) {
	p.t.Helper()

	reasons = map[string]string{}

	for line := range strings.Lines(p.ok(append(args, "builder", "list", "--format", "json")...).stdout) {
		var row builderRow

		p.must(json.Unmarshal([]byte(line), &row))

		if row.Chosen != "" {
			chosen = row.Name + ": " + row.Chosen
		}

		reasons[row.Name] = row.Reason
	}

	return chosen, reasons
}

func TestTheBuilderIsTheOneThatIsThereOrTheOneThatIsNamed(t *testing.T) {
	t.Parallel()
	p := newProject(t, builder)
	p.write("web/Containerfile", containerfile)

	config := filepath.Join(p.dir, "config")
	p.env = []string{"PATH=" + p.tools("podman", "docker"), "XDG_CONFIG_HOME=" + config}

	if chosen, reasons := p.builders(); chosen != "buildah: the best score" || reasons["podman"] != "podman is not installed" {
		t.Errorf("with buildah alone: %s, %v", chosen, reasons)
	}

	if r := p.ok("up", "-d"); !strings.Contains(r.stderr, "STEP ") {
		t.Errorf("buildah was not asked: %s", r)
	}

	if got := p.inside("web", "cat /word"); got != "first" {
		t.Errorf("the image has %q", got)
	}

	p.fails(1, []string{"--builder", "podman", "build"}, "the builder that --builder names", `builder "podman" is not available: podman is not installed`, "hint: ")

	p.write("config/icc/config.yaml", "builders: {default: docker, hosts: {local: podman}}\n")
	p.fails(1, []string{"build"}, "builders.hosts.local in "+config+"/icc/config.yaml", "podman is not installed")

	p.write("config/icc/config.yaml", "builders: {default: buildah}\n")

	if chosen, _ := p.builders(); chosen != "buildah: named by builders.default in "+config+"/icc/config.yaml" {
		t.Errorf("with a configuration: %s", chosen)
	}

	p.write("compose.yaml", builder+"x-icc: {builder: podman}\n")
	p.fails(1, []string{"build"}, "the builder that x-icc.builder names", "podman is not installed")

	if chosen, _ := p.builders("--builder", "buildah"); chosen != "buildah: named by --builder" {
		t.Errorf("with a flag: %s", chosen)
	}

	p.write("config/icc/config.yaml", "builders:\n  defualt: buildah\n")
	p.write("compose.yaml", builder)
	p.fails(1, []string{"build"}, `config.yaml:2:3: builders has no setting "defualt"`, `did you mean "default"?`)
}

func TestWhatABuilderCannotDoIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web: {build: {context: ., privileged: true}, networks: [front]}
  gha: {build: {context: ., cache_from: ["type=gha"]}}
  arm: {build: {context: ., platforms: [linux/arm64]}}
  empty: {build: ./nowhere}
  other: {image: "redis:8", platform: linux/arm64}
  fine: {build: .}
networks: {front: }
`)
	p.write("Containerfile", containerfile)

	for service, want := range map[string][]string{
		"web":   {"compose.yaml:3: services.web.build", "builder podman cannot honour build.privileged"},
		"gha":   {"services.gha.build", `builder podman cannot honour build.cache_from "type=gha"`},
		"arm":   {"services.arm.build", "build.platforms does not list linux/amd64"},
		"empty": {"services.empty.build", "there is no build context", "/nowhere"},
		"other": {"services.other.image", "the server does not run linux/arm64; it runs linux/amd64"},
	} {
		p.fails(1, []string{"--builder", "podman", "up", "-d", service}, append(want, "hint: ")...)
	}

	p.fails(1, []string{"--builder", "nosuch", "up", "-d", "fine"}, "services.fine.build", "the builder that --builder names", `"nosuch"`, "hint: ")
	p.leavesNothing()
	p.ok("build", "fine")
}
