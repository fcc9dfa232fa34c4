//go:build incus

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// badFile is a compose file with a mistake, and what the user is told about it.
type badFile struct {
	name    string
	compose string
	args    []string // up -d unless set
	files   map[string]string
	// want are texts of standard error, besides a hint.
	want []string
}

func badFiles() []badFile {
	return []badFile{
		{
			name:    "a quote that is not closed",
			compose: "services:\n  web:\n    image: \"busybox:1\n",
			want:    []string{"compose.yaml:3", "YAML", "quote"},
		},
		{
			name:    "a YAML error",
			compose: "services:\n  web:\n    image: busybox:1\n   command: [sleep, infinity]\n",
			want:    []string{"compose.yaml:4", "YAML"},
		},
		{
			name:    "a tab for indentation",
			compose: "services:\n\tweb:\n",
			want:    []string{"compose.yaml:2", "YAML"},
		},
		{
			name:    "an unknown attribute",
			compose: "services:\n  web:\n    image: busybox:1\n    comand: [sleep, infinity]\n",
			want:    []string{"compose.yaml:4", `"comand"`, `did you mean "command"`},
		},
		{
			name:    "an unknown top-level attribute",
			compose: "service:\n  web: {image: \"busybox:1\"}\n",
			want:    []string{"compose.yaml:1", `"service"`, `did you mean "services"`},
		},
		{
			name:    "a value of the wrong type",
			compose: "services:\n  web:\n    image: busybox:1\n    ports: 80\n",
			want:    []string{"compose.yaml:4", "services.web.ports"},
		},
		{
			name:    "neither an image nor a build section",
			compose: "services:\n  web:\n    command: [sleep, infinity]\n",
			want:    []string{"compose.yaml:2", `"web"`},
		},
		{
			name:    "a dependency cycle",
			compose: "services:\n  a: {image: \"busybox:1\", depends_on: [b]}\n  b: {image: \"busybox:1\", depends_on: [c]}\n  c: {image: \"busybox:1\", depends_on: [a]}\n",
			want:    []string{"compose.yaml:", "a", "b", "c"},
		},
		{
			name:    "a dependency that does not exist",
			compose: "services:\n  web:\n    image: busybox:1\n    depends_on: [bd]\n  db: {image: \"busybox:1\"}\n",
			want:    []string{"compose.yaml:4", `"bd"`, `"db"`},
		},
		{
			name:    "an undefined network",
			compose: "services:\n  web:\n    image: busybox:1\n    networks: [frnt]\nnetworks: {front: {}}\n",
			want:    []string{"compose.yaml:4", `"frnt"`, `did you mean "front"`},
		},
		{
			name:    "an undefined volume",
			compose: "services:\n  web:\n    image: busybox:1\n    volumes: [\"data:/data\"]\n",
			want:    []string{"compose.yaml:4", `"data"`},
		},
		{
			name:    "an undefined secret",
			compose: "services:\n  web:\n    image: busybox:1\n    secrets: [word]\n",
			want:    []string{"compose.yaml:4", `"word"`},
		},
		{
			name:    "an undefined config",
			compose: "services:\n  web:\n    image: busybox:1\n    configs: [settings]\n",
			want:    []string{"compose.yaml:4", `"settings"`},
		},
		{
			name:    "a secret file that is missing",
			compose: "services:\n  web:\n    image: busybox:1\n    secrets: [word]\nsecrets:\n  word: {file: ./word.txt}\n",
			want:    []string{"compose.yaml:6", "word.txt"},
		},
		{
			name:    "an environment file that is missing",
			compose: "services:\n  web:\n    image: busybox:1\n    env_file: web.env\n",
			want:    []string{"compose.yaml:4", "web.env"},
		},
		{
			name:    "a bind source that is missing",
			compose: "services:\n  web:\n    image: busybox:1\n    command: [sleep, infinity]\n    volumes:\n      - {type: bind, source: ./pages, target: /pages, bind: {create_host_path: false}}\n",
			want:    []string{"compose.yaml:6", "pages"},
		},
		{
			name:    "a required variable without a value",
			compose: "services:\n  web:\n    image: ${IMAGE:?name one}\n",
			want:    []string{"compose.yaml:3", "IMAGE", "name one"},
		},
		{
			name:    "port ranges of different lengths",
			compose: "services:\n  web:\n    image: busybox:1\n    ports: [\"8000-8002:80-81\"]\n",
			want:    []string{"compose.yaml:4", "8000-8002:80-81"},
		},
		{
			name:    "a port that is none",
			compose: "services:\n  web:\n    image: busybox:1\n    ports: [\"99999:80\"]\n",
			want:    []string{"compose.yaml:4", "99999"},
		},
		{
			name:    "two services with one host port",
			compose: "services:\n  a:\n    image: busybox:1\n    ports: [\"8000:80\"]\n  b:\n    image: busybox:1\n    ports: [\"8000:81\"]\n",
			want:    []string{"compose.yaml:", "8000", `"a"`, `"b"`},
		},
		{
			name:    "replicas that would share a host port",
			compose: "services:\n  web:\n    image: busybox:1\n    scale: 2\n    ports: [\"8000:80\"]\n",
			want:    []string{"compose.yaml:5", "8000"},
		},
		{
			name:    "a container name that is too long",
			compose: "services:\n  web:\n    image: busybox:1\n    container_name: " + strings.Repeat("x", 64) + "\n",
			want:    []string{"compose.yaml:4", "63"},
		},
		{
			name:    "a service name that is too long",
			compose: "services:\n  " + strings.Repeat("x", 64) + ":\n    image: busybox:1\n",
			want:    []string{"compose.yaml:2", "too long", "63"},
		},
		{
			name:    "an image reference that is none",
			compose: "services:\n  web:\n    image: \"busybox:one two\"\n",
			want:    []string{"compose.yaml:3", "busybox:one two"},
		},
		{
			name:    "a storage pool that does not exist",
			compose: "services: {web: {image: \"busybox:1\", command: [sleep, infinity]}}\n",
			args:    []string{"--storage-pool", "nosuchpool", "up", "-d"},
			want:    []string{"nosuchpool", "default"},
		},
		{
			name:    "a storage pool of a volume that does not exist",
			compose: "services: {web: {image: \"busybox:1\", command: [sleep, infinity], volumes: [\"data:/data\"]}}\nvolumes:\n  data: {driver: nosuchpool}\n",
			want:    []string{"compose.yaml:3: volumes.data", "nosuchpool"},
		},
		{
			name:    "a service argument that names none",
			compose: "services: {web: {image: \"busybox:1\", command: [sleep, infinity]}}\n",
			args:    []string{"up", "-d", "wbe"},
			want:    []string{`"wbe"`, `"web"`},
		},
		{
			name:    "an existing Incus project that does not exist",
			compose: "services: {web: {image: \"busybox:1\", command: [sleep, infinity]}}\n",
			args:    []string{"--incus-project", "nosuchproject", "up", "-d"},
			want:    []string{"nosuchproject"},
		},
		{
			name:    "looking at an Incus project that does not exist",
			compose: "services: {web: {image: \"busybox:1\", command: [sleep, infinity]}}\n",
			args:    []string{"--incus-project", "nosuchproject", "ps"},
			want:    []string{"nosuchproject", "incus project create"},
		},
		{
			name:    "a network that is external and missing",
			compose: "services: {web: {image: \"busybox:1\", command: [sleep, infinity], networks: [out]}}\nnetworks: {out: {external: true, name: nosuchnet}}\n",
			want:    []string{"nosuchnet"},
		},
		{
			name:    "a volume that is external and missing",
			compose: "services: {web: {image: \"busybox:1\", command: [sleep, infinity], volumes: [\"out:/out\"]}}\nvolumes: {out: {external: true, name: nosuchvolume}}\n",
			want:    []string{"nosuchvolume"},
		},
	}
}

func TestBadComposeFiles(t *testing.T) {
	t.Parallel()

	for _, tt := range badFiles() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, tt.compose)

			for name, content := range tt.files {
				p.write(name, content)
			}

			args := tt.args
			if args == nil {
				args = []string{"up", "-d"}
			}

			p.fails(1, args, append(tt.want, "hint: ")...)
			p.leavesNothing()
		})
	}
}

func TestNoComposeFile(t *testing.T) {
	t.Parallel()
	p := newProject(t, "")
	p.remove("compose.yaml")
	p.fails(1, []string{"up", "-d"}, "no compose file in "+p.dir, "compose.yaml", "hint: ", "-f FILE")
	p.fails(1, []string{"-f", "other.yaml", "up", "-d"}, "other.yaml", "hint: ")
	p.leavesNothing()
}

func TestUnknownServicesInArguments(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")

	for _, args := range [][]string{
		{"up", "-d", "wbe"}, {"down", "wbe"}, {"plan", "wbe"}, {"ps", "wbe"}, {"logs", "wbe"}, {"exec", "wbe", "true"},
		{"start", "wbe"}, {"stop", "wbe"}, {"restart", "wbe"}, {"rm", "wbe"}, {"config", "wbe"}, {"build", "wbe"}, {"pull", "wbe"},
	} {
		p.fails(1, args, `"wbe"`, `hint: did you mean "web"?`)
	}

	p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")
}

func TestProjectNames(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	for _, name := range []string{"My Project!", "-x", "Ünï", "a/b", "..", "UPPER", "a\nb"} {
		p.fails(1, []string{"-p", name, "up", "-d"}, fmt.Sprintf("%q", name), "hint: ")
	}

	p.leavesNothing()

	long := p.name + "-" + strings.Repeat("long", 20)
	other := p.another(sleeper).named(long)
	other.ok("-p", long, "up", "-d", "db")

	if got := other.instances(); len(got) != 1 {
		t.Errorf("a long project name made %d instances", len(got))
	}

	for name := range other.instances() {
		if len(name) > 63 {
			t.Errorf("the name %s is too long", name)
		}
	}
}

func TestAFolderWithAnOddNameGivesAProjectName(t *testing.T) {
	t.Parallel()
	p := newProject(t, "")
	odd := filepath.Join(p.dir, "My Project (copy) of "+p.name)
	p.must(os.MkdirAll(odd, 0o755))
	p.must(os.WriteFile(filepath.Join(odd, "compose.yaml"), []byte(sleeper), 0o644))

	if r := p.inFolder(odd, "config"); r.code != 0 || !strings.Contains(r.stdout, "name: myprojectcopyof"+p.name) {
		t.Error(r)
	}
}

func TestALargeComposeFile(t *testing.T) {
	t.Parallel()

	var text strings.Builder

	text.WriteString("services:\n  web:\n    image: busybox:1\n    command: [sleep, infinity]\nx-padding:\n")

	for line := 0; text.Len() < 5<<20; line++ {
		fmt.Fprintf(&text, "  key%d: %s\n", line, strings.Repeat("x", 1000))
	}

	p := newProject(t, text.String())
	p.ok("up", "-d")
	p.wantInstances(p.instance("web", 1) + " running")
}
