//go:build incus

package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "network")) }

// shop is one Compose project on the real server, driven through the plugin as the core does it.
type shop struct {
	*provider
	t       *testing.T
	host    testbed.Host
	server  incus.InstanceServer // in the Incus project
	project string
}

// newShop makes an Incus project of that name and a plugin configured for it.
func newShop(t *testing.T, project string) *shop {
	t.Helper()
	host := testbed.Env(t)
	server := host.Incus(t)
	err := server.CreateProject(api.ProjectsPost{Name: project, ProjectPut: api.ProjectPut{Config: map[string]string{
		"features.images": "false", "features.networks": "false", "features.profiles": "false",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	s := configure(t, host, project)
	t.Cleanup(func() {
		s.down()
		if err := server.DeleteProject(project); err != nil {
			t.Error(err)
		}
	})
	return s
}

// configure returns a plugin for a Compose project without making an Incus project.
func configure(t *testing.T, host testbed.Host, project string) *shop {
	t.Helper()
	p := newProvider()
	err := p.Configure(t.Context(), sdk.Settings{IncusSocket: host.Socket, IncusProject: project, ComposeProject: project, ProjectOwned: true,
		CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return &shop{provider: p, t: t, host: host, server: host.Incus(t).UseProject(project), project: project}
}

// network returns the declaration of a bridge with instances "service-n" on it.
func (s *shop) network(instances ...string) kinds.NetworkConfig {
	cfg := kinds.NetworkConfig{Project: s.project, Isolate: true, IPv4: true}
	for _, i := range instances {
		service, _, _ := strings.Cut(i, "-")
		cfg.Attachments = append(cfg.Attachments, kinds.Attachment{Instance: i, IncusName: s.project + "-" + i, Service: service})
	}
	return cfg
}

// resolve turns configurations by key into resolved resources.
func (s *shop) resolve(cfgs map[string]kinds.NetworkConfig) []resource.Resolved {
	s.t.Helper()
	var decls []resource.Declaration
	for _, key := range sortedKeys(cfgs) {
		raw, err := json.Marshal(cfgs[key])
		if err != nil {
			s.t.Fatal(err)
		}
		decls = append(decls, resource.Declaration{Ref: resource.Ref{Kind: resource.KindNetwork, Name: key}, Config: raw})
	}
	r, err := s.Resolve(s.t.Context(), decls)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range r.Diagnostics {
		s.t.Fatalf("resolving: %+v", d)
	}
	return r.Resolved
}

func (s *shop) plan(resolved []resource.Resolved) *sdk.PlanResult {
	s.t.Helper()
	r, err := s.Plan(context.WithoutCancel(s.t.Context()), sdk.PlanRequest{Kind: resource.KindNetwork, Resolved: resolved, Options: resource.NewOptions(resource.OptionCreate())})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// ensure runs what the plan says and returns its outputs by key.
func (s *shop) ensure(cfgs map[string]kinds.NetworkConfig) map[string]kinds.NetworkOutputs {
	s.t.Helper()
	out, _ := s.ensureChanges(cfgs)
	return out
}

// ensureChanges is ensure that also returns the changes by key.
func (s *shop) ensureChanges(cfgs map[string]kinds.NetworkConfig) (map[string]kinds.NetworkOutputs, map[string]resource.Change) {
	s.t.Helper()
	resolved := s.resolve(cfgs)
	plan := s.plan(resolved)
	for _, d := range plan.Diagnostics {
		s.t.Fatalf("planning: %+v", d)
	}
	out, changes := map[string]kinds.NetworkOutputs{}, map[string]resource.Change{}
	for i, r := range resolved {
		req := sdk.RunRequest{Resource: r, Action: resource.ActionEnsure, Change: plan.Changes[i], State: plan.States[i],
			Options: resource.NewOptions(resource.OptionCreate())}
		result, err := s.Run(s.t.Context(), req, resource.Discard{})
		if err != nil {
			s.t.Fatal(err)
		}
		if want := plan.Changes[i].Class != resource.ClassNone; result.Changed != want {
			s.t.Errorf("%s: planned %q, but ensuring said changed = %v", r.Name, plan.Changes[i].Class, result.Changed)
		}
		out[r.Name] = decodeOutputs(s.t, result.Outputs)
		changes[r.Name] = plan.Changes[i]
	}
	return out, changes
}

func decodeOutputs(t *testing.T, raw json.RawMessage) kinds.NetworkOutputs {
	t.Helper()
	var o kinds.NetworkOutputs
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
	return o
}

// down deletes everything that Plan finds without a declaration, as `icc down -p NAME` does.
func (s *shop) down() {
	s.t.Helper()
	for _, state := range s.plan(nil).States {
		if err := s.delete(state); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shop) delete(state resource.State) error {
	req := sdk.RunRequest{Resource: resource.Resolved{Ref: state.Ref, IncusName: state.IncusName}, Action: resource.ActionDelete, State: state}
	_, err := s.Run(context.WithoutCancel(s.t.Context()), req, resource.Discard{})
	return err
}

// place is one NIC of a container.
type place struct {
	on      kinds.NetworkOutputs
	address string
	gateway bool
}

// container starts busybox with the NICs and configuration that the instance plugin makes of the outputs.
func (s *shop) container(name string, command string, places ...place) {
	s.t.Helper()
	devices := map[string]map[string]string{"root": {"type": "disk", "path": "/", "pool": "default"}}
	var resolvers []string
	for i, p := range places {
		gateway, length, _ := strings.Cut(p.on.IPv4, "/")
		nic := map[string]string{"type": "nic", "network": p.on.IncusName, "name": "eth" + string(rune('0'+i)),
			"ipv4.address": p.address + "/" + length, "ipv4.gateway": "none", "ipv6.address": "none"}
		if p.gateway && !p.on.Internal {
			nic["ipv4.gateway"] = gateway
		}
		if p.on.DHCP {
			nic["ipv4.address"] = p.address
			if p.gateway {
				delete(nic, "ipv4.gateway")
			}
		}
		devices[nic["name"]] = nic
		resolvers = append(resolvers, gateway)
	}
	req := api.InstancesPost{Name: s.project + "-" + name, Type: api.InstanceTypeContainer, Start: true,
		InstancePut: api.InstancePut{Devices: devices, Config: map[string]string{
			"oci.entrypoint": command, "oci.dns.nameservers": strings.Join(resolvers, ","),
		}},
		Source: api.InstanceSource{Type: "image", Mode: "pull", Protocol: "oci", Server: "https://127.0.0.1:5000", Alias: "busybox:1"}}
	op, err := s.server.CreateInstance(req)
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { s.kill(name) })
}

// kill removes a container; one that is gone is fine.
func (s *shop) kill(name string) {
	name = s.project + "-" + name
	op, err := s.server.UpdateInstanceState(name, api.InstanceStatePut{Action: "stop", Force: true}, "")
	if api.StatusErrorCheck(err, 404) {
		return
	}
	if err == nil {
		err = op.Wait()
	}
	if err == nil {
		if op, err = s.server.DeleteInstance(name); err == nil {
			err = op.Wait()
		}
	}
	if err != nil {
		s.t.Errorf("removing %s: %v", name, err)
	}
}

// inside runs a command in a container and returns its output and whether it succeeded.
func (s *shop) inside(name string, args ...string) (string, bool) {
	s.t.Helper()
	out, code := s.host.Indoors(s.t, s.project, s.project+"-"+name, "0", args...)
	return out, code == 0
}

// reaches says whether a container gets an answer by HTTP; one that it ought to get may take a while.
func (s *shop) reaches(name, target string, ought bool) bool {
	s.t.Helper()
	return s.soon(ought, func() bool {
		_, ok := s.inside(name, "wget", "-q", "-T", "4", "-O", "/dev/null", "http://"+target+"/passwd")
		return ok
	})
}

// soon asks until the answer is yes, for a minute if it ought to be.
func (s *shop) soon(ought bool, ask func() bool) bool {
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if yes := ask(); yes || !ought || time.Now().After(until) {
			return yes
		}
	}
}

// serve is the command of a container that answers HTTP.
const serveHTTP = "httpd -f -p 80 -h /etc"

// lookup returns the addresses that a container gets for a name, as one sorted text.
func (s *shop) lookup(container, name string) string {
	s.t.Helper()
	out, _ := s.inside(container, "nslookup", name)
	_, answer, _ := strings.Cut(out, "Name:")
	found := map[string]bool{}
	for line := range strings.Lines(answer) {
		if a, ok := strings.CutPrefix(line, "Address: "); ok {
			found[strings.TrimSpace(a)] = true
		}
	}
	return strings.Join(sortedKeys(found), " ")
}

// wantFound fails the test unless a container finds exactly these addresses under a name. An answer that gets lost, as
// happens in the moment of a start, is asked for again; that a name is not known has to be said at once.
func (s *shop) wantFound(container, name, want string) {
	s.t.Helper()
	var got string
	s.soon(want != "", func() bool {
		got = s.lookup(container, name)
		return got != ""
	})
	if got != want {
		s.t.Errorf("%s finds %q under %s, want %q", container, got, name, want)
	}
}

// writes returns what changes on the server while do runs, as lifecycle events.
func (s *shop) writes(do func()) []string {
	s.t.Helper()
	listener, err := s.host.Incus(s.t).GetEventsAllProjects()
	if err != nil {
		s.t.Fatal(err)
	}
	defer listener.Disconnect()
	events := make(chan string, 1000)
	_, err = listener.AddHandler([]string{api.EventTypeLifecycle, api.EventTypeOperation}, func(e api.Event) { events <- e.Type + " " + string(e.Metadata) })
	if err != nil {
		s.t.Fatal(err)
	}
	do()
	const mark = "that-was-all" // comes after all that came before
	if err := s.server.CreateNetworkACL(api.NetworkACLsPost{NetworkACLPost: api.NetworkACLPost{Name: mark}}); err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := s.server.DeleteNetworkACL(mark); err != nil {
			s.t.Error(err)
		}
	}()
	var out []string
	for {
		select {
		case e := <-events:
			if strings.Contains(e, mark) {
				return out
			}
			out = append(out, e)
		case <-time.After(time.Minute):
			s.t.Fatalf("no event of %s", mark)
		}
	}
}
