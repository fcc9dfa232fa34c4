package compose

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

const oneOffFile = `
name: shop
services:
  web:
    image: nginx
    command: serve
    entrypoint: /entry
    user: app
    scale: 3
    restart: always
    ports: ["8080-8090:80"]
    environment: {A: "1", B: "2"}
    volumes: [data:/data, /scratch]
    networks: {default: {aliases: [shop]}}
    depends_on: {db: {condition: service_healthy}}
    labels: {a: b}
    post_start: [{command: echo}]
  db: {image: redis, healthcheck: {test: "true"}}
volumes: {data: {}}
`

func runOneOff(t *testing.T, o OneOff) (*Translation, kinds.InstanceConfig) {
	t.Helper()
	dir := project(t, map[string]string{"compose.yaml": oneOffFile})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	o.Suffix = "00beef"
	tr, err := Translate(p, TranslateOptions{OneOff: &o})
	if err != nil || tr.Err() != nil {
		t.Fatal(err, tr.Err())
	}
	return tr, instanceOf(t, tr, tr.OneOff.Ref.Name)
}

func TestGeneratedNamesOfOneOffInstancesNeedNoTag(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": oneOffFile})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		tr, err := Translate(p, TranslateOptions{OneOff: &OneOff{Service: "web"}})
		if err != nil || tr.Err() != nil {
			t.Fatal(err, tr.Err())
		}
		c := instanceOf(t, tr, tr.OneOff.Ref.Name)
		if c.ContainerName != "shop-"+tr.OneOff.Ref.Name {
			t.Fatalf("%s becomes %q", tr.OneOff.Ref, c.ContainerName)
		}
	}
}

func TestAOneOffInstanceHasTheServicesThingsButNotItsNames(t *testing.T) {
	t.Parallel()
	tr, c := runOneOff(t, OneOff{Service: "web", Command: []string{"migrate", "a\nb"}, TTY: true})
	if tr.OneOff.Ref.Name != "web-run-00beef" || c.ContainerName != "shop-web-run-00beef" || !c.OneOff || !c.AwaitAttach || !c.TTY || c.StdinOpen {
		t.Errorf("%s: %+v", tr.OneOff.Ref, c)
	}
	if c.Restart != "no" || len(c.Ports) > 0 || c.PostStart != nil {
		t.Errorf("restart %q, ports %v, hooks %v", c.Restart, c.Ports, c.PostStart)
	}
	if diff := cmp.Diff([]string{"migrate", "a\nb"}, c.Command); diff != "" || c.Entrypoint[0] != "/entry" || c.User != "app" {
		t.Errorf("entrypoint %q, user %q, command (-want +got):\n%s", c.Entrypoint, c.User, diff)
	}
	if diff := cmp.Diff([]resource.Ref{{Kind: resource.KindStorageVolume, Name: "web-16826095:/scratch"}}, tr.OneOff.Volumes); diff != "" {
		t.Errorf("anonymous volumes (-want +got):\n%s", diff)
	}
	i := slices.IndexFunc(tr.Declarations, func(d resource.Declaration) bool { return d.Ref == tr.OneOff.Ref })
	healthy := resource.Edge{To: resource.Ref{Kind: resource.KindInstance, Name: "db-1"}, Condition: resource.ConditionHealthy}
	if !slices.Contains(tr.Declarations[i].DependsOn, healthy) {
		t.Errorf("it does not wait for the database: %v", tr.Declarations[i].DependsOn)
	}
	a := attachmentOf(t, tr, "web-run-00beef")
	if a.Service != "web-run-00beef" || a.Aliases != nil || a.IncusName != "shop-web-run-00beef" || !a.Fleeting {
		t.Errorf("attachment %+v", a)
	}
	if instanceOf(t, tr, "web-3").OneOff {
		t.Error("a replica became a one-off")
	}
}

// attachmentOf returns the attachment of an instance to the default network.
func attachmentOf(t *testing.T, tr *Translation, instance string) kinds.Attachment {
	t.Helper()
	for _, d := range tr.Declarations {
		var c kinds.NetworkConfig
		if d.Kind != resource.KindNetwork || json.Unmarshal(d.Config, &c) != nil {
			continue
		}
		for _, a := range c.Attachments {
			if a.Instance == instance {
				return a
			}
		}
	}
	t.Fatalf("%s is on no network", instance)
	return kinds.Attachment{}
}

func TestAOneOffInstanceTakesOverrides(t *testing.T) {
	t.Parallel()
	tr, c := runOneOff(t, OneOff{
		Service: "web", Entrypoint: []string{"sh"}, Environment: []string{"B=3", "C=4=5", "UNSET"}, User: "0", WorkingDir: "/w",
		Volumes: []string{"data:/scratch:ro", "./here:/h"}, Directory: "/elsewhere", Publish: []string{"127.0.0.1:99:80"}, ServicePorts: true,
		UseAliases: true, Name: "mine", Labels: []string{"x=y=z", "bare"}, CapAdd: []string{"NET_ADMIN"}, Detached: true, StdinOpen: true,
	})
	if c.ContainerName != "mine" || c.AwaitAttach || c.User != "0" || c.WorkingDir != "/w" || !c.StdinOpen || c.CapAdd[0] != "NET_ADMIN" {
		t.Errorf("%+v", c)
	}
	if c.Entrypoint[0] != "sh" || c.CommandSet {
		t.Errorf("an entrypoint drops the command: %q %q", c.Entrypoint, c.Command)
	}
	if diff := cmp.Diff(map[string]string{"A": "1", "B": "3", "C": "4=5"}, c.Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a": "b", "x": "y=z", "bare": ""}, c.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	var mounts []string
	for _, m := range c.Mounts {
		mounts = append(mounts, m.Source+" at "+m.Target)
	}
	if diff := cmp.Diff([]string{"data at /data", "/elsewhere/here at /h", "data at /scratch"}, mounts); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
	if len(c.Ports) != 2 || c.Ports[0].Published+c.Ports[1].Published != 99+8080 {
		t.Errorf("ports %+v", c.Ports)
	}
	if a := attachmentOf(t, tr, "web-run-00beef"); a.Service != "web" || !slices.Contains(a.Aliases, "shop") || a.Fleeting {
		t.Errorf("attachment %+v", a)
	}
}

func TestMistakesInAOneOffInstanceAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		o    OneOff
		text string
	}{
		{"an unknown service", OneOff{Service: "wep"}, `no service "wep"`},
		{"a bad port", OneOff{Service: "web", Publish: []string{"x:y:z"}}, "is not a port to publish"},
		{"a bad volume", OneOff{Service: "web", Volumes: []string{""}}, "is not a volume to mount"},
		{"an unknown volume", OneOff{Service: "web", Volumes: []string{"dota:/x"}}, `volume "dota" is not defined`},
		{"a bad name", OneOff{Service: "web", Name: "a/b"}, "has characters that Incus does not allow"},
		{"a bad suffix", OneOff{Service: "web", Suffix: "run"}, "is not a suffix"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := loadOnly(project(t, map[string]string{"compose.yaml": oneOffFile}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Translate(p, TranslateOptions{OneOff: &c.o}); err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("want %q, got %v", c.text, err)
			}
		})
	}
}
