package compose

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/google/go-cmp/cmp"
)

func TestEveryAttributeOfTheSpecificationHasARow(t *testing.T) {
	t.Parallel()
	rows := coverage()
	for _, p := range schema.AttributePaths() {
		if _, ok := rows.find(string(p)); !ok {
			t.Errorf("%s has no row in the coverage table", p)
		}
	}
}

func TestEveryRowIsAboutAnAttributeOfTheSpecification(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, p := range schema.AttributePaths() {
		known[string(p)] = true
	}
	for path, r := range coverage() {
		if !known[path] {
			t.Errorf("%s is not an attribute of the specification", path)
		}
		if r.text == "" || !strings.HasSuffix(r.text, ".") {
			t.Errorf("%s: %q is not a sentence", path, r.text)
		}
	}
}

const docFile = "../../docs/compose.md"

func TestDocs(t *testing.T) {
	t.Parallel()
	got := document()
	if *update {
		if err := os.WriteFile(docFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s is out of date; run go test ./core/compose -run TestDocs -update\n%s", docFile,
			cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
	}
}

func TestFindPrefersTheRowOfTheAttributeItself(t *testing.T) {
	t.Parallel()
	rows := table{"a": mapped("a", "x.").below(), "a.b": mapped("a.b", "y.")}
	for path, want := range map[string]string{"a": "x.", "a.b": "y.", "a.c.d": "x.", "a.b.c": "x."} {
		if r, ok := rows.find(path); !ok || r.text != want {
			t.Errorf("find(%q) = %q, %v; want %q", path, r.text, ok, want)
		}
	}
	if r, ok := rows.find("b"); ok {
		t.Errorf("find(b) = %v", r)
	}
}

// document renders the coverage table as Markdown.
func document() []byte {
	var b bytes.Buffer
	b.WriteString(docHead)
	rows := coverage()
	counts := map[Status]int{}
	for _, r := range rows {
		counts[r.status]++
	}
	fmt.Fprintf(&b, "Of %d attributes, %d are mapped, %d approximated, %d planned and %d refused.\n",
		len(rows), counts[StatusMapped], counts[StatusApproximated], counts[StatusPlanned], counts[StatusRefused])
	for _, section := range docSections {
		fmt.Fprintf(&b, "\n## %s\n\n| attribute | status | what becomes of it |\n|---|---|---|\n", section.title)
		for _, path := range sortedKeys(rows) {
			if sectionOf(path) != section.prefix {
				continue
			}
			r := rows[path]
			text := r.text
			if r.lost != "" {
				text += " Without icc-init: " + r.lost + "."
			}
			if r.hint != "" {
				text += " Instead: " + r.hint + "."
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(path, ".[]", "[]"), r.status, text)
		}
	}
	b.WriteString(docTail())
	return b.Bytes()
}

var docSections = []struct{ title, prefix string }{
	{"Top level", ""}, {"Services", "services"}, {"Services: build", "services.*.build"},
	{"Services: deploy", "services.*.deploy"}, {"Networks", "networks"}, {"Volumes", "volumes"},
	{"Secrets", "secrets"}, {"Configs", "configs"},
}

// sectionOf returns the longest prefix of a section that path lies under.
func sectionOf(path string) string {
	best := ""
	for _, s := range docSections {
		if s.prefix != "" && (path == s.prefix || strings.HasPrefix(path, s.prefix+".")) && len(s.prefix) > len(best) {
			best = s.prefix
		}
	}
	return best
}

const docHead = `# Compose attributes

<!-- Generated from core/compose/coverage*.go by: go test ./core/compose -run TestDocs -update -->

What becomes of each attribute of the Compose specification. Nothing is ignored in silence: using an attribute that is
planned is a warning (an error where going without it would be wrong), using one that is refused is an error, and both
name the file, the line and the attribute.

- **mapped**: works as the specification says.
- **approximated**: works with the difference that is named.
- **planned**: has no effect yet.
- **refused**: makes no sense on Incus, or would be dangerous to leave out.

A row stands for what lies below it, too, where that has no row of its own.

`

// docTail lists the extension attributes.
func docTail() string {
	var b strings.Builder
	b.WriteString(docExtensions)
	for _, p := range extensionDocs {
		for _, key := range p.where.icc {
			fmt.Fprintf(&b, "| %s | `x-icc.%s` | %s |\n", p.name, key, p.text[key])
		}
	}
	return b.String()
}

const docExtensions = `
## Extensions

x-incus holds raw configuration of the Incus object: ` + "`x-incus: {limits.cpu: 2}`" + `, at the top level (the project), on
services, networks, the networks of a service, volumes, and the volumes of a service. It wins over everything icc
generates. On services, ` + "`config`, `devices`, `profiles` and `type`" + ` under x-incus are taken apart: devices are raw devices.
x-incus-compose is read like x-icc, for files written for incus-compose.

| where | attribute | what it does |
|---|---|---|
`

var extensionDocs = []struct {
	name  string
	where place
	text  map[string]string
}{
	{"top level", topKeys, map[string]string{
		"incus_project": "Works in this existing Incus project instead of one of the project's own.",
		"builder":       "The builder plugin to use.",
		"init":          "With off, services run without icc-init unless they say otherwise.",
		"resolver":      "With off, services resolve names without icc-init unless they say otherwise.",
		"resources":     "Resources of plugins' kinds: `<name>: {kind, config, depends_on}`.",
		"profiles":      "Profiles to create: `<name>: {source_project, source_profile, network_only, config, devices}`.",
	}},
	{"service", serviceKeys, map[string]string{
		"devices":    "Raw devices.",
		"profiles":   "Profiles of the instances.",
		"nat":        "Publishes ports in the kernel: clients keep their addresses, the server's loopback does not reach them.",
		"init":       "With off, the service runs without icc-init, in Incus' own way and with its limits.",
		"resolver":   "With off, icc-init does not resolve names at 127.0.0.11, so port 53 of the loopback is the service's. That is so by itself where the image exposes port 53, or `ports` or `expose` name it, and where the service mounts an `/etc/resolv.conf`.",
		"type":       "container or virtual-machine.",
		"depends_on": "Plugins' resources (kind/name) that the service needs.",
	}},
	{"network", networkKeys, map[string]string{
		"network": "The name on the server.",
		"isolate": "With false, other networks reach this one.",
	}},
	{"network of a service", attachmentKeys, map[string]string{
		"internal": "With true, no default route goes through this network.",
	}},
	{"volume", volumeKeys, map[string]string{
		"pool": "The storage pool.",
		"seed": "A directory whose content the volume gets when it is made.",
	}},
	{"volume of a service", mountKeys, map[string]string{
		"seed": "With true, a bind mount becomes a volume that gets the directory's content when it is made.",
		"pool": "The storage pool of such a volume.",
	}},
}

func TestEveryExtensionAttributeIsDocumented(t *testing.T) {
	t.Parallel()
	for _, p := range extensionDocs {
		if got := sortedKeys(p.text); !slices.Equal(got, slices.Sorted(slices.Values(p.where.icc))) {
			t.Errorf("%s: documented %v, read %v", p.name, got, p.where.icc)
		}
	}
}
