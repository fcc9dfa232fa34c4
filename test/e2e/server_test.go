//go:build incus

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

const markProject = "user.icc.project"

// instances are those of the project on the server, by name.
func (p *project) instances() map[string]api.Instance {
	p.t.Helper()

	all, err := p.host.Incus(p.t).GetInstancesAllProjects(api.InstanceTypeAny)
	if err != nil {
		p.t.Fatal(err)
	}

	ours := map[string]api.Instance{}

	for _, instance := range all {
		if instance.Config[markProject] == p.name {
			ours[instance.Name] = instance
		}
	}

	return ours
}

// wantInstances fails the test unless exactly these instances exist, as "name status".
func (p *project) wantInstances(want ...string) {
	p.t.Helper()

	got := []string{}

	for name, instance := range p.instances() {
		status := strings.ToLower(instance.Status)
		if status == "ready" { // running, and healthy
			status = "running"
		}

		got = append(got, name+" "+status)
	}

	slices.Sort(got)
	slices.Sort(want)

	if !slices.Equal(got, want) {
		p.t.Errorf("instances on the server:\n got %q\nwant %q", got, want)
	}
}

// leavesNothing fails the test when anything of the project is on the server.
func (p *project) leavesNothing() {
	p.t.Helper()
	p.leavesNothingOf(p.name)
}

func (p *project) leavesNothingOf(name string) {
	p.t.Helper()

	if left := p.objects(name); len(left) > 0 {
		p.t.Errorf("of project %q these are left: %q", name, left)
	}
}

// objects are what the server has of a Compose project, by mark or by name. Images are shared and stay.
func (p *project) objects(name string) []string {
	p.t.Helper()

	server := p.host.Incus(p.t)
	found := []string{}
	add := func(kind, incusProject, object string, config map[string]string) {
		if config[markProject] == name || incusProject == name || object == name || strings.HasPrefix(object, name+"-") {
			found = append(found, fmt.Sprintf("%s %s/%s", kind, incusProject, object))
		}
	}

	projects, err := server.GetProjects()
	p.must(err)

	for _, o := range projects {
		add("project", "", o.Name, o.Config)
	}

	instances, err := server.GetInstancesAllProjects(api.InstanceTypeAny)
	p.must(err)

	for _, o := range instances {
		add("instance", o.Project, o.Name, o.Config)
	}

	networks, err := server.GetNetworksAllProjects()
	p.must(err)

	for _, o := range networks {
		add("network", o.Project, o.Name, o.Config)
	}

	acls, err := server.GetNetworkACLsAllProjects()
	p.must(err)

	for _, o := range acls {
		add("acl", o.Project, o.Name, o.Config)
	}

	volumes, err := server.GetStoragePoolVolumesAllProjects("default")
	p.must(err)

	for _, o := range volumes {
		if o.Type == "custom" {
			add("volume", o.Project, o.Name, o.Config)
		}
	}

	return found
}

func (p *project) must(err error) {
	p.t.Helper()

	if err != nil {
		p.t.Fatal(err)
	}
}

// volumes are the names of the project's custom volumes but icc-init's, which comes and goes with the instances.
func (p *project) volumes() []string {
	p.t.Helper()

	return slices.DeleteFunc(p.customVolumes(), func(name string) bool { return strings.Contains(name, "icc-runtime") })
}

// customVolumes are the names of all custom volumes of the project.
func (p *project) customVolumes() []string {
	p.t.Helper()

	volumes, err := p.host.Incus(p.t).GetStoragePoolVolumesAllProjects("default")
	p.must(err)

	var names []string

	for _, v := range volumes {
		if v.Type == "custom" && v.Config[markProject] == p.name {
			names = append(names, v.Name)
		}
	}

	return names
}

// changes collects what the server says was changed of the project while do runs. What only reads is left out: files
// and logs that were retrieved. So is the lock of a run that changes something.
func (p *project) changes(do func()) []string {
	p.t.Helper()

	return slices.DeleteFunc(p.writes(do), func(change string) bool { return strings.Contains(change, "/icc-lock-") })
}

// writes are the changes and the locks that are taken and given back. That a lock is renewed is left out: its owner may be
// somebody else.
func (p *project) writes(do func()) []string {
	p.t.Helper()

	server := p.host.Incus(p.t)

	listener, err := server.GetEventsAllProjects()
	p.must(err)

	defer listener.Disconnect()

	var (
		mu   sync.Mutex
		seen []string
	)

	_, err = listener.AddHandler([]string{api.EventTypeLifecycle}, func(event api.Event) {
		var of api.EventLifecycle

		// Readiness is what a health test inside the instance reports.
		if json.Unmarshal(event.Metadata, &of) != nil || strings.HasSuffix(of.Action, "-retrieved") || of.Action == api.EventLifecycleInstanceReady {
			return
		}

		if strings.HasSuffix(of.Action, "-updated") && strings.Contains(of.Source, "/icc-lock-") {
			return
		}

		if event.Project == p.name || strings.Contains(of.Source+" "+of.Name, p.name) {
			mu.Lock()
			defer mu.Unlock()

			seen = append(seen, of.Action+" "+of.Source)
		}
	})
	p.must(err)

	do()
	time.Sleep(200 * time.Millisecond) // events come a moment later

	mu.Lock()
	defer mu.Unlock()

	return slices.Clone(seen)
}

// changesNothing fails the test when the server says that anything of the project changed while do ran.
func (p *project) changesNothing(what string, do func()) {
	p.t.Helper()

	if seen := p.writes(do); len(seen) > 0 {
		p.t.Errorf("%s changed the server: %q", what, seen)
	}
}

// get asks a published port for a page, as a browser on the host does, until it answers.
func (p *project) get(port int, path string) string {
	p.t.Helper()

	return p.host.Output(p.t, "curl", "--silent", "--show-error", "--fail", "--max-time", "10", "--retry", "10",
		"--retry-connrefused", "--retry-delay", "1", fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
}

// eventually waits until check returns nothing, and fails the test with what it says last.
func eventually(t *testing.T, limit time.Duration, check func() string) {
	t.Helper()

	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		text := check()
		if text == "" {
			return
		}

		if time.Now().After(deadline) {
			t.Fatalf("after %s: %s", limit, text)
		}
	}
}
