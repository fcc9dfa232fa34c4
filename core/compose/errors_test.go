package compose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

// project writes compose files into a new directory and returns it.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// loadOnly loads the project of a directory with an empty environment.
func loadOnly(dir string, change ...func(*LoadOptions)) (*Project, error) {
	o := LoadOptions{WorkingDir: dir, Environment: []string{}}
	for _, c := range change {
		c(&o)
	}
	return Load(context.Background(), o)
}

// service is a compose file with one service that has the given attributes.
func service(attributes ...string) string {
	return "name: test\nservices:\n  web:\n    image: nginx\n    " + strings.Join(attributes, "\n    ") + "\n"
}

func TestMistakesAreExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, text, hint string
	}{
		{"broken brackets", "services:\n  web:\n    image: [\n",
			`compose.yaml:3: not valid YAML: did not find expected node content, at "image: ["`,
			"check indentation (spaces, no tabs), quotes and brackets there and in the line before"},
		{"a quote that is not closed", "services:\n  web:\n    image: \"busybox:1\n    init: true\n",
			`compose.yaml:3: not valid YAML: a quote opens here and is never closed, at "image: \"busybox:1"`, "close the quote"},
		{"a name that no host can have", service("user: x") + "  " + strings.Repeat("x", 64) + ": {image: y}\n",
			`compose.yaml:6: services.` + strings.Repeat("x", 64) + `: the service's name is too long: 64 characters, but other services find it by a host name of at most 63`,
			"choose a shorter name, or one with dots between shorter parts"},
		{"wrong indentation", "services:\n  web:\n    image: a\n   ports: b\n",
			`compose.yaml:4: not valid YAML: did not find expected key, at "ports: b"`,
			"check indentation (spaces, no tabs), quotes and brackets there and in the line before"},
		{"a tab", "services:\n\tweb:\n",
			`compose.yaml:2: not valid YAML: found character that cannot start any token, at "web:"`,
			"check indentation (spaces, no tabs), quotes and brackets there and in the line before"},
		{"a key twice", "services:\n  web:\n    image: a\n  web:\n    image: b\n",
			`compose.yaml:4: "web" is set a second time; the first is in line 2`, "remove one of the two"},
		{"an unknown attribute", service("imagee: b"),
			`compose.yaml:5: services.web.imagee: unknown attribute "imagee"`, `did you mean "image"?`},
		{"an unknown attribute like none", service("wibble: b"),
			`compose.yaml:5: services.web.wibble: unknown attribute "wibble"`, "remove it, or begin its name with x- to have it ignored"},
		{"an unknown attribute of a network", service("networks: {default: {aliass: [x]}}"),
			`compose.yaml:5: services.web.networks.default.aliass: unknown attribute "aliass"`, `did you mean "aliases"?`},
		{"an unknown attribute at the top", "service: {}\n",
			`compose.yaml:1: service: unknown attribute "service"`, `did you mean "services"?`},
		{"an attribute of a service with dots in its name", "services:\n  a.b:\n    image: x\n    prots: []\n",
			`compose.yaml:4: services.a.b.prots: unknown attribute "prots"`, `did you mean "ports"?`},
		{"a bad service name", "services:\n  a$b:\n    image: x\n",
			`compose.yaml:2: services.a$b: "a$b" cannot be a name`, "use letters, digits, dots, hyphens and underscores"},
		{"a text instead of a list", service("ports: 80"),
			"compose.yaml:5: services.web.ports: must be a list", `write a list here, such as ["value"]`},
		{"a number instead of a text", "services:\n  web:\n    image: 5\n",
			"compose.yaml:3: services.web.image: must be a string", "write a string here"},
		{"none of the allowed values", service("depends_on: {web: {condition: ready}}"),
			"compose.yaml:5: services.web.depends_on.web.condition: is none of the allowed values",
			"write one of 'service_started', 'service_healthy', 'service_completed_successfully'"},
		{"a text instead of a number", service("scale: many"),
			`compose.yaml:5: services.web.scale: "many" is not a number`, "write a number"},
		{"neither true nor false", service("privileged: perhaps"),
			`compose.yaml:5: services.web.privileged: "perhaps" is neither true nor false`, "write true or false"},
		{"a bad size", service("mem_limit: lots"),
			"compose.yaml:5: services.web.mem_limit: invalid size: 'lots'", "write a size with a unit, such as 512m or 2g"},
		{"a bad duration", service("stop_grace_period: soon"),
			`compose.yaml:5: services.web.stop_grace_period: invalid duration "soon"`, "write a duration with a unit, such as 30s or 1m30s"},
		{"quotes that do not match", service(`command: "a 'b"`),
			"compose.yaml:5: services.web.command: quotes or escapes in the command do not match",
			`close them, or write the command as a list: ["program", "argument"]`},
		{"port ranges of different lengths", service(`ports: ["80:80", "8000-8010:80-95"]`),
			`compose.yaml:5: services.web.ports[1]: "8000-8010:80-95" has ranges of different lengths: 11 host ports for 16 of the service`,
			`write "8080:80", "127.0.0.1:8080:80/udp", or ranges of the same length: "8000-8009:80-89"`},
		{"a port that is none", service(`ports: [http]`),
			`compose.yaml:5: services.web.ports[0]: "http" is not a port: invalid containerPort: http`,
			`write "8080:80", "127.0.0.1:8080:80/udp", or ranges of the same length: "8000-8009:80-89"`},
		{"a wrong reference to a variable", service("command: ${"),
			`compose.yaml:5: services.web.command: "${" refers to a variable in a wrong way`,
			"write ${NAME} or ${NAME:-default}; a dollar sign itself is $$"},
		{"a required variable", service("user: ${WHO:?who is it}"),
			"compose.yaml:5: services.web.user: variable WHO has no value: who is it",
			"set WHO in the environment, in .env, or in a file given with --env-file"},
		{"an image from an unset variable", "services:\n  web:\n    image: ${IMAGE}\n",
			`compose.yaml:3: services.web.image: the image of service "web" is empty`, "set the variable that it is taken from"},
		{"no image", "services:\n  web:\n    command: x\n",
			`compose.yaml:2: services.web: service "web" has neither an image nor a build section`,
			`name an image, such as "image: nginx", or what to build, such as "build: ."`},
		{"an environment file that is missing", service("env_file: nope.env"),
			"compose.yaml:5: services.web.env_file: env file DIR/nope.env does not exist",
			"create it, or correct its name; required: false makes it optional"},
		{"an attribute with a space", service("user name: x"),
			`compose.yaml:5: services.web.user name: unknown attribute "user name"`, "remove it, or begin its name with x- to have it ignored"},
		{"a broken environment file", service("env_file: bad.env"),
			`compose.yaml:5: services.web.env_file: bad.env cannot be read: line 2: key cannot contain a space`,
			"write one KEY=value a line, and quote values with spaces or quotes in them"},
		{"an included file that is missing", "include: [more.yaml]\n",
			"compose.yaml:1: include[0]: file DIR/more.yaml does not exist", "create it, or correct its name"},
		{"a service to extend that is missing", service("extends: wep"),
			`compose.yaml:5: services.web.extends: service "web" extends "wep", which compose.yaml does not have`, `did you mean "web"?`},
		{"a file to extend from that is missing", service("extends: {file: base.yaml, service: x}"),
			"compose.yaml:5: services.web.extends.file: file DIR/base.yaml does not exist", "create it, or correct its name"},
		{"extending in a circle", service("extends: web"),
			"compose.yaml:2: services: services extend each other in a circle: web in DIR/compose.yaml extends web in DIR/compose.yaml",
			"remove one of the references"},
		{"a circle of dependencies", service("depends_on: [b]", "", "") + "  b: {image: x, depends_on: [c]}\n  c: {image: x, depends_on: [web]}\n",
			"compose.yaml:8: services.b.depends_on.c: services depend on each other in a circle: b -> c -> web -> b",
			"remove one of these dependencies"},
		{"an undefined network", service("networks: [frnt]") + "networks: {front: {}}\n",
			`compose.yaml:5: services.web.networks.frnt: network "frnt" is not defined`,
			`did you mean "front"? Otherwise define it under networks`},
		{"an undefined volume", service("volumes: [data:/data]"),
			`compose.yaml:5: services.web.volumes[0]: volume "data" is not defined`,
			`define it under volumes, or write "./data" for a directory`},
		{"an undefined secret", service("secrets: [key]"),
			`compose.yaml:5: services.web.secrets[0]: secret "key" is not defined`, "define it under secrets"},
		{"an undefined config", service("configs: [key]"),
			`compose.yaml:5: services.web.configs[0]: config "key" is not defined`, "define it under configs"},
		{"an undefined service", service("depends_on: [wbe]"),
			`compose.yaml:5: services.web.depends_on.wbe: service "wbe" is not defined`, `did you mean "web"? Otherwise define it under services`},
		{"an undefined service in links", service("links: [other:db]"),
			`compose.yaml:5: services.web.links[0]: service "other" is not defined`, "define it under services"},
		{"a dependency of an inactive profile", service("depends_on: [debug]") + "  debug: {image: x, profiles: [dev]}\n",
			`compose.yaml:5: services.web.depends_on.debug: service "debug", which "web" needs, belongs to a profile that is not active`,
			"activate it with --profile dev, or set required: false"},
		{"a secret without a value", service("user: x") + "secrets: {key: {}}\n",
			"compose.yaml:6: secrets.key: one of file|environment must be set", "correct the entry"},
		{"a container name for several replicas", service("container_name: one", "scale: 2"),
			`compose.yaml:5: services.web.container_name: service "web" has 2 replicas, which cannot share the name "one"`,
			"remove container_name, or use one replica"},
		{"one container name twice", service("container_name: one") + "  b: {image: x, container_name: one}\n",
			`compose.yaml:5: services.web.container_name: service "b" has the name "one" already`, "choose another name"},
		{"scale and replicas that differ", service("scale: 2", "deploy: {replicas: 3}"),
			"compose.yaml:5: services.web.scale: scale is 2, but deploy.replicas 3", "remove one of the two"},
		{"one limit in two places", service("mem_limit: 1m", "deploy: {resources: {limits: {memory: 2m}}}"),
			"compose.yaml:5: services.web.mem_limit: mem_limit and deploy.resources.limits.memory have different values", "remove one of the two"},
		{"one target for two mounts", service("volumes: [/a]", "tmpfs: [/a:size=1m]"),
			"compose.yaml:6: services.web.tmpfs[0]: /a is the target of volumes[0] already", "remove one of the two"},
		{"a relative target", service("volumes: ['./a:b']"),
			`compose.yaml:5: services.web.volumes[0]: target "b" is not an absolute path`, "begin it with a slash"},
		{"network_mode and networks", service("network_mode: none", "networks: [default]") + "networks: {default: {}}\n",
			"compose.yaml:5: services.web.network_mode: network_mode and networks exclude each other", "remove one of the two"},
		{"a health check without CMD", service("healthcheck: {test: [curl, x]}"),
			`compose.yaml:5: services.web.healthcheck.test: the test begins with "curl"`,
			`begin the list with "CMD" or "CMD-SHELL", or write the command as one text`},
		{"a relative working directory", service("working_dir: a/b"),
			`compose.yaml:5: services.web.working_dir: "a/b" is not an absolute path`, "begin it with a slash"},
		{"a variable without a name", service("environment: ['=x']"),
			"compose.yaml:5: services.web.environment: a variable has no name", "write KEY=value"},
		{"a limit that does not exist", service("ulimits: {nofiles: 5}"),
			`compose.yaml:5: services.web.ulimits.nofiles: there is no limit "nofiles"`, `did you mean "nofile"?`},
		{"a soft limit above the hard one", service("ulimits: {core: {soft: -1, hard: -1}, nofile: {soft: 5, hard: 4}, nproc: 5}"),
			"compose.yaml:5: services.web.ulimits.nofile: the soft limit 5 is above the hard limit 4", "raise the hard one, or lower the soft one"},
		{"a soft limit that is none below a hard one", service("ulimits: {nofile: {soft: -1, hard: 4}}"),
			"compose.yaml:5: services.web.ulimits.nofile: the soft limit -1 is above the hard limit 4", "raise the hard one, or lower the soft one"},
		{"a port without the service's own", service("ports:", "  - '80:80'", "  - {published: '81'}"),
			"compose.yaml:7: services.web.ports[1]: the service's own port is missing", `write it behind the host's, as in "8080:80", or as target: 80`},
		{"a container name of odd characters", service("container_name: ä b"),
			"compose.yaml:5: services.web.container_name: is no name for a container",
			"use letters, digits, dots, hyphens and underscores, and begin with a letter or digit"},
		{"a name server that is none", service("dns: [1.1.1.1, hello]"),
			`compose.yaml:5: services.web.dns[1]: "hello" is not an IP address`, "write the address of a name server"},
		{"a MAC address that is none", service("mac_address: 'zz:zz'"),
			`compose.yaml:5: services.web.mac_address: "zz:zz" is not a MAC address`, "write six bytes, such as 02:42:ac:11:00:02"},
		{"a MAC address of eight bytes on a network", service("networks: {default: {mac_address: '02:00:00:00:00:00:00:01'}}"),
			`compose.yaml:5: services.web.networks.default.mac_address: "02:00:00:00:00:00:00:01" is not a MAC address`,
			"write six bytes, such as 02:42:ac:11:00:02"},
		{"processors that are none", service("cpuset: abc"),
			`compose.yaml:5: services.web.cpuset: "abc" is not a list of processors`, `write their numbers, such as "0-3,5"`},
		{"a mode that is no number", service("secrets: [{source: key, mode: abc}]") + "secrets: {key: {environment: HOME}}\n",
			`compose.yaml:5: services.web.secrets[0].mode: "abc" is not a number`, "write a number"},
		{"a file that is not UTF-8", service("user: m\xfcller"),
			"compose.yaml:5: not valid YAML: this line is not UTF-8", "save the file as UTF-8"},
		{"an empty file", "", "compose.yaml: the compose file is empty", "begin it with services: and the services under it"},
		{"a list", "- a\n", "compose.yaml: the compose file is not a mapping", "begin it with services: and the services under it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, map[string]string{"compose.yaml": c.file, "bad.env": "A=1\nB C=2\n"})
			_, err := loadOnly(dir)
			wantError(t, dir, err, c.text, c.hint)
		})
	}
}

// wantError checks an error's exact text and hint. DIR stands for the project's directory.
func wantError(t *testing.T, dir string, err error, text, hint string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want %s", text)
	}
	if !errors.Is(err, resource.ErrConfig) {
		t.Errorf("%v is not a configuration error", err)
	}
	if got := strings.ReplaceAll(err.Error(), dir, "DIR"); got != text {
		t.Errorf("error\n  got  %s\n  want %s", got, text)
	}
	if got := strings.ReplaceAll(resource.Hint(err), dir, "DIR"); got != hint {
		t.Errorf("hint\n  got  %s\n  want %s", got, hint)
	}
}

func TestAllUnknownAttributesOfServicesAreReportedInTheirOrder(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": service("prots: []", "comand: [a]", "x-own: 1", "volmes: []") +
		"  db: {image: b, <<: {comand: [a]}}\n  cache: {imge: c}\n"})
	_, err := loadOnly(dir)
	want := "compose.yaml:5: services.web.prots: unknown attribute \"prots\"\n" +
		"compose.yaml:6: services.web.comand: unknown attribute \"comand\"\n" +
		"compose.yaml:8: services.web.volmes: unknown attribute \"volmes\"\n" +
		"compose.yaml:9: services.db.comand: unknown attribute \"comand\"\n" +
		"compose.yaml:10: services.cache.imge: unknown attribute \"imge\""
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": service("networks: [a]", "volumes: [bb:/b]", "secrets: [c]")})
	_, err := loadOnly(dir)
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{`network "a"`, `volume "bb"`, `secret "c"`} {
		if !strings.Contains(err.Error(), name+" is not defined") {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}

func TestAMistakeInAnOverrideIsFoundThere(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{
		"compose.yaml":          service("user: me"),
		"compose.override.yaml": "services:\n  web:\n\n    networks: [nope]\n",
	})
	_, err := loadOnly(dir)
	wantError(t, dir, err, `compose.override.yaml:4: services.web.networks.nope: network "nope" is not defined`,
		"define it under networks")
}

func TestAMistakeInAnIncludedFileIsFoundThere(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{
		"compose.yaml":     "name: test\ninclude: [sub/more.yaml]\n",
		"sub/more.yaml":    "services:\n  a:\n    image: x\n    extends: {file: base.yaml, service: b}\n",
		"sub/base.yaml":    "services:\n  b:\n    depends_on:\n      - gone\n",
		"sub/ignored.yaml": "x",
	})
	_, err := loadOnly(dir)
	if err == nil || !strings.HasPrefix(err.Error(), "sub/more.yaml:2: ") || !strings.Contains(err.Error(), `service "gone" is not defined`) {
		t.Errorf("got %v", err)
	}
}

func TestUnsetVariablesAreWarnedOfWithTheirPlace(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": service("user: ${WHO}")})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := "warning: compose.yaml:5: services.web.user: variable WHO is not set; it is taken as empty " +
		"[set it in the environment or in .env, or write ${WHO:-default}; a dollar sign itself is $$]"
	if len(p.Warnings) != 1 || diagnosticText(p.Warnings[0]) != want {
		t.Errorf("got %v, want %s", p.Warnings, want)
	}
}

func ExampleTranslation_Err() {
	t := Translation{Diagnostics: []resource.Diagnostic{
		{Severity: resource.SeverityWarning, Text: "only a warning"},
		{Severity: resource.SeverityError, Position: resource.Position{File: "compose.yaml", Line: 3}, Text: "wrong"},
	}}
	fmt.Println(t.Err())
	// Output: compose.yaml:3: wrong
}
