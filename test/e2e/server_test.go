//go:build incus

package e2e

import (
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

	all, err := p.server.GetInstancesAllProjects(api.InstanceTypeAny)
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

	var got []string

	// A busy server calls that the state of an instance whose monitor has not answered within five seconds.
	eventually(p.t, 30*time.Second, func() string {
		got = p.statuses()
		if slices.ContainsFunc(got, func(s string) bool { return strings.HasSuffix(s, " error") }) {
			return fmt.Sprintf("instances on the server: %q", got)
		}

		return ""
	})

	slices.Sort(want)

	if !slices.Equal(got, want) {
		p.t.Errorf("instances on the server:\n got %q\nwant %q", got, want)
	}
}

// statuses are the project's instances on the server in order, as "name status".
func (p *project) statuses() []string {
	p.t.Helper()

	all := []string{}

	for name, instance := range p.instances() {
		status := strings.ToLower(instance.Status)
		if status == "ready" { // running, and healthy
			status = "running"
		}

		all = append(all, name+" "+status)
	}

	slices.Sort(all)

	return all
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

	server := p.server
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

	volumes, err := p.server.GetStoragePoolVolumesAllProjects("default")
	p.must(err)

	var names []string

	for _, v := range volumes {
		if v.Type == "custom" && v.Config[markProject] == p.name {
			names = append(names, v.Name)
		}
	}

	return names
}

// get asks a published port for a page, as a browser on the host does, until it answers.
func (p *project) get(port int, path string) string {
	p.t.Helper()

	return p.host.Output(p.t, "curl", "--silent", "--show-error", "--fail", "--max-time", "30", "--retry", "60",
		"--retry-all-errors", "--retry-delay", "1", fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
}

// listening is held by who makes the server listen: setting an address twice at once is a conflict.
var listening sync.Mutex

// listens makes the server reachable over TLS.
func (p *project) listens() {
	p.t.Helper()
	listening.Lock()
	defer listening.Unlock()

	p.host.Output(p.t, "incus", "config", "set", "core.https_address", "127.0.0.1:8443")
}

// eventually waits until check returns nothing, busy times the limit at most, and fails the test with what it says last.
func eventually(t *testing.T, limit time.Duration, check func() string) {
	t.Helper()

	for deadline := time.Now().Add(busy * limit); ; time.Sleep(50 * time.Millisecond) {
		text := check()
		if text == "" {
			return
		}

		if time.Now().After(deadline) {
			t.Fatalf("after %s: %s", busy*limit, text)
		}
	}
}
