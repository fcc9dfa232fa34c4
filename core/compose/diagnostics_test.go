package compose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestMistakesThatTranslationFinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, hint string }{
		{"a missing bind source", service("volumes: [{type: bind, source: ./gone, target: /x, bind: {create_host_path: false}}]"),
			"compose.yaml:5: services.web.volumes[0].source: DIR/gone does not exist",
			"create it, correct the path, or allow create_host_path"},
		{"a missing secret file", service("secrets: [key]") + "secrets:\n  key:\n    file: ./gone.txt\n",
			`compose.yaml:8: secrets.key.file: the file of secret "key" cannot be read: DIR/gone.txt: no such file or directory`,
			"create the file, or correct its path or permissions"},
		{"a secret from an unset variable", service("secrets: [key]") + "secrets:\n  key: {environment: NOPE}\n",
			`compose.yaml:7: secrets.key.environment: secret "key" takes its value from NOPE, which is not set`,
			"set NOPE in the environment or in .env"},
		{"a missing build secret", service("build: {context: ., secrets: [key]}") + "secrets:\n  key: {file: gone}\n",
			`compose.yaml:7: secrets.key.file: the file of secret "key", DIR/gone, does not exist`,
			"create the file, or correct its path"},
		{"one host port twice", service(`ports: ["8080:80"]`) + "  b: {image: x, ports: ['8080:81']}\n",
			`compose.yaml:5: services.web.ports: host port 8080/tcp is published by service "b" already`,
			`give one of "b" and "web" another host port`},
		{"one host port on overlapping addresses", service(`ports: ["127.0.0.1:8080:80"]`) + "  b: {image: x, ports: ['0.0.0.0:8080:81']}\n",
			`compose.yaml:5: services.web.ports: host port 8080/tcp is published by service "b" already`,
			`give one of "b" and "web" another host port`},
		{"overlapping ranges", service(`ports: ["8005:80"]`) + "  b: {image: x, ports: ['8000-8010:9000-9010']}\n",
			`compose.yaml:5: services.web.ports: host port 8005/tcp is published by service "b" already`,
			`give one of "b" and "web" another host port`},
		{"one host port twice in a service", service(`ports: ["8080:80", "8080:81"]`),
			`compose.yaml:5: services.web.ports: service "web" publishes host port 8080/tcp twice`, "remove one of the two entries"},
		{"replicas on one host port", service(`ports: ["8080:80"]`, "scale: 3"),
			`compose.yaml:5: services.web.ports[0]: 3 replicas of service "web" cannot share host port 8080`,
			`publish a range with a port for each replica, such as "8080-8082:80", or none: "80"`},
		{"too few ports for the replicas", service(`ports: ["8080-8081:80"]`, "scale: 3"),
			`compose.yaml:5: services.web.ports[0]: 3 replicas of service "web" need more than the 2 host ports 8080-8081`,
			`publish a range with a port for each replica, such as "8080-8082:80", or none: "80"`},
		{"a bad long port", service(`ports: [{target: 80, published: "90-80"}]`),
			`compose.yaml:5: services.web.ports[0]: published port "90-80" ends before it begins`,
			"write a port such as 8080, or a range such as 8080-8089"},
		{"a container name that is too long", service("container_name: " + strings.Repeat("x", 64)),
			fmt.Sprintf(`compose.yaml:5: services.web.container_name: container_name %q has 64 characters, Incus allows 63`, strings.Repeat("x", 64)),
			"choose at most 63 letters, digits and hyphens that begin and end with a letter or digit, or remove container_name"},
		{"a bad restart policy", service("restart: sometimes"),
			`compose.yaml:5: services.web.restart: "sometimes" is not a restart policy`,
			"write no, always, unless-stopped, on-failure or on-failure:3"},
		{"a stop signal that is none", service("stop_signal: SIGNONE"),
			`compose.yaml:5: services.web.stop_signal: "SIGNONE" is no signal`, "write a name like SIGTERM or HUP, or a number from 1 to 64"},
		{"a fixed address for several replicas", service("scale: 2", "networks: {default: {ipv4_address: 10.0.0.2}}"),
			`compose.yaml:6: services.web.networks.default: service "web" has 2 replicas, which cannot share one fixed address`,
			"remove ipv4_address, ipv6_address and mac_address, or use one replica"},
		{"an unknown attribute of x-icc", service("x-icc: {natt: true}"),
			`compose.yaml:5: services.web.x-icc.natt: unknown attribute "natt"`, `did you mean "nat"?`},
		{"a device without a type", service("x-incus: {devices: {a: {path: /x}}}"),
			`compose.yaml:5: services.web.x-incus.devices.a: device "a" has no type`, `add one, for example "type: disk"`},
		{"nested raw configuration", service("x-incus: {limits: {cpu: 2}}"),
			`compose.yaml:5: services.web.x-incus.limits: limits is not a plain value`,
			"Incus' configuration keys have texts as values; quote it"},
		{"an unknown instance type", service("x-icc: {type: pod}"),
			`compose.yaml:5: services.web.x-icc.type: "pod" is not a type of instance`, "write container or virtual-machine"},
		{"a resource of a built-in kind", "x-icc: {resources: {a: {kind: network}}}\n" + service("user: x"),
			`compose.yaml:1: x-icc.resources.a.kind: kind "network" is declared in Compose's own words`,
			"use services, networks or volumes, or x-icc.profiles"},
		{"a resource without a kind", "x-icc: {resources: {a: {}}}\n" + service("user: x"),
			`compose.yaml:1: x-icc.resources.a: resource "a" has no kind`, "name a kind that a plugin brings; see icc plugin list"},
		{"a resource that depends on nothing known", "x-icc: {resources: {a: {kind: k, depends_on: [wep]}}}\n" + service("user: x"),
			`compose.yaml:1: x-icc.resources.a.depends_on: depends on "wep", which is neither a service nor of the form kind/name`,
			`did you mean "web"?`},
		{"a volume with the name of icc's own", service("volumes: [icc-files:/x]") + "volumes: {icc-files: {}}\n",
			`compose.yaml:6: volumes.icc-files: "icc-files" is the name of icc's own volume for secrets and configs`, "choose another name"},
		{"two ways to build one image", service("build: a") + "  b: {image: nginx, build: b}\n",
			`compose.yaml:5: services.web.build: services "b" and "web" build image "nginx" in different ways`,
			"give one of the two services another image name"},
		{"subnets of two networks that overlap", service("networks: [a, b]") +
			"networks:\n  a: {ipam: {config: [{subnet: 10.9.0.0/24}]}}\n  b: {ipam: {config: [{subnet: 10.9.0.128/25}]}}\n",
			`compose.yaml:8: networks.b.ipam.config[0].subnet: subnet 10.9.0.128/25 overlaps with 10.9.0.0/24 of network "a"`,
			"give the two networks subnets of their own, or none: icc then finds free ones"},
		{"less swap than memory", service("mem_limit: 2m", "memswap_limit: 1m"),
			"compose.yaml:6: services.web.memswap_limit: memswap_limit is memory and swap together and cannot be less than the memory limit",
			"raise it, or use -1 for unlimited swap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr, dir := translated(t, c.file)
			wantError(t, dir, tr.Err(), c.text, c.hint)
		})
	}
}

func TestPortsThatDoNotCollideAreAccepted(t *testing.T) {
	t.Parallel()
	for _, ports := range [][2]string{
		{"8080:80/tcp", "8080:80/udp"}, {"127.0.0.1:80:80", "127.0.0.2:80:80"}, {"80", "80"}, {"[::1]:80:80", "0.0.0.0:80:80"},
	} {
		tr, _ := translated(t, service(fmt.Sprintf("ports: [%q]", ports[0]))+fmt.Sprintf("  b: {image: x, ports: [%q]}\n", ports[1]))
		if err := tr.Err(); err != nil {
			t.Errorf("%v: %v", ports, err)
		}
	}
}

func TestAMissingBindSourceIsMadeWithAWarning(t *testing.T) {
	t.Parallel()
	for _, volumes := range []string{"[./gone:/x]", "[{type: bind, source: ./gone, target: /x}]"} {
		tr, dir := translated(t, service("volumes: "+volumes))
		if err := tr.Err(); err != nil {
			t.Fatal(err)
		}
		m := instanceOf(t, tr, "web-1").Mounts[0]
		if !m.CreateHostPath || m.Source != dir+"/gone" {
			t.Errorf("mount %+v", m)
		}
		if len(tr.Diagnostics) != 1 || tr.Diagnostics[0].Severity != resource.SeverityWarning {
			t.Errorf("diagnostics %v", tr.Diagnostics)
		}
	}
}

func TestHostPathsAreRefusedForARemoteServerBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{
		"compose.yaml": service("volumes: [{type: bind, source: /gone, target: /x, bind: {create_host_path: false}}]"),
	})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Translate(p, TranslateOptions{RemoteServer: true})
	if err != nil || tr.Err() == nil || !strings.Contains(tr.Err().Error(), "another machine") {
		t.Errorf("want the bind mount refused, got %v, %v", err, tr.Diagnostics)
	}
}

// TestEveryReportedRowIsSeen makes sure that each row of the coverage table that reports an attribute is hit by the
// golden case "unsupported", so that no row is dead.
func TestEveryReportedRowIsSeen(t *testing.T) {
	t.Parallel()
	p, err := loadOnly("testdata/unsupported")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, d := range tr.Diagnostics {
		said[d.Text] = true
	}
	for path, r := range coverage() {
		if r.severity != "" && !said[r.message()] {
			t.Errorf("%s: %q is not reported", path, r.message())
		}
	}
}

func TestResourcesThatNoServiceUsesAreDeclaredOnDemand(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{
		"compose.yaml": service("command: [x]") + "networks: {spare: {}}\nvolumes: {spare: {}}\n",
	})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range []bool{false, true} {
		tr, err := Translate(p, TranslateOptions{AllResources: all})
		if err != nil || tr.Err() != nil {
			t.Fatal(err, tr.Err())
		}
		found := 0
		for _, d := range tr.Declarations {
			if d.Name == "spare" {
				found++
			}
		}
		if want := map[bool]int{false: 0, true: 2}[all]; found != want {
			t.Errorf("AllResources %t: %d spare resources are declared, want %d", all, found, want)
		}
	}
}
