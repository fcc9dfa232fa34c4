package lifecycle

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/console"
	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// desk is a server with one instance. Before each write it may be changed by somebody else.
type desk struct {
	incus.InstanceServer
	inst     api.Instance
	meddle   []func(*api.Instance)
	did      []string
	noImage  bool
	failWith string
}

type done struct {
	incus.Operation
	err error
}

func (d done) Wait() error { return d.err }

func (d *desk) etag() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(fmt.Sprint(d.inst.Config, d.inst.Devices))))
}

func (d *desk) GetInstance(string) (*api.Instance, string, error) {
	out := d.inst
	out.Config, out.Devices = maps.Clone(d.inst.Config), maps.Clone(d.inst.Devices)
	return &out, d.etag(), nil
}

func (d *desk) UpdateInstance(_ string, put api.InstancePut, etag string) (incus.Operation, error) {
	if len(d.meddle) > 0 {
		d.meddle[0](&d.inst)
		d.meddle = d.meddle[1:]
	}
	if etag != d.etag() {
		d.did = append(d.did, "conflict")
		return nil, api.StatusErrorf(http.StatusPreconditionFailed, "ETag doesn't match")
	}
	if d.failWith != "" && d.inst.StatusCode == api.Running {
		return done{err: fmt.Errorf("%s", d.failWith)}, nil
	}
	d.did = append(d.did, "write")
	d.inst.InstancePut = put
	return done{}, nil
}

func (d *desk) UpdateInstanceState(_ string, state api.InstanceStatePut, _ string) (incus.Operation, error) {
	d.did = append(d.did, state.Action)
	d.inst.StatusCode = map[string]api.StatusCode{"start": api.Running, "stop": api.Stopped}[state.Action]
	return done{}, nil
}

func (d *desk) RebuildInstance(_ string, req api.InstanceRebuildPost) (incus.Operation, error) {
	d.did = append(d.did, "rebuild")
	if d.failWith != "" {
		return done{err: fmt.Errorf("%s", d.failWith)}, nil
	}
	d.inst.Config["volatile.base_image"] = req.Source.Fingerprint
	return done{}, nil
}

func (d *desk) GetImage(string) (*api.Image, string, error) {
	if d.noImage {
		return nil, "", api.StatusErrorf(http.StatusNotFound, "Image not found")
	}
	return &api.Image{}, "", nil
}

func (d *desk) GetOperations() ([]api.Operation, error)           { return nil, nil }
func (d *desk) HasExtension(string) bool                          { return true }
func (d *desk) GetInstanceSnapshotNames(string) ([]string, error) { return nil, nil }
func (d *desk) GetConnectionInfo() (*incus.ConnectionInfo, error) { return nil, errors.New("no log") }
func (d *desk) GetInstanceState(string) (*api.InstanceState, string, error) {
	return &api.InstanceState{Pid: 1}, "", nil
}

type quiet struct{}

func (quiet) Progress(resource.Progress)     {}
func (quiet) Output(resource.Stream, []byte) {}
func (quiet) Notice(resource.Level, string)  {}

// wanted is a service without icc-init, of which a fake need not have the volume.
func wanted(t *testing.T, change func(*kinds.InstanceConfig), fingerprint string) *spec.Instance {
	t.Helper()
	c := kinds.InstanceConfig{Project: "shop", Service: "web", Number: 1, Image: "busybox", Command: []string{"sleep", "1"},
		Init: kinds.InitOff, Labels: map[string]string{"l": "1"}, Limits: kinds.Limits{PIDs: 5}}
	if change != nil {
		change(&c)
	}
	want, err := spec.Translate(spec.Input{Name: "web-1", IncusName: "shop-web-1", Config: c, Host: spec.Host{Pool: "default"},
		Image: kinds.ImageOutputs{Fingerprint: fingerprint, Reference: "busybox", Process: &kinds.ImageProcess{}}})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// running returns a server on which the service runs.
func running(t *testing.T) *desk {
	t.Helper()
	i := wanted(t, nil, "f1")
	i.Config["volatile.base_image"] = "f1"
	reconcile.Record(i.Config, i.Devices)
	return &desk{inst: api.Instance{Name: i.Name, StatusCode: api.Running, CreatedAt: time.Unix(1, 0),
		InstancePut: api.InstancePut{Config: i.Config, Devices: api.DevicesMap(i.Devices), Profiles: i.Profiles}}}
}

func (d *desk) ensure(want *spec.Instance, expect Expectation) (*Result, error) {
	m := Manager{Server: d, Name: "shop-web-1", Project: "shop", Sink: quiet{}, Rebuilds: true, Remote: true,
		Courier: runtime.NewCourier(d, nil, runtime.Target{}), Console: &console.Log{Server: d, Name: "shop-web-1", Sink: quiet{}}}
	return m.Ensure(context.Background(), want, nil, expect)
}

func relabelled(c *kinds.InstanceConfig) { c.Labels = map[string]string{"l": "2"} }

func TestAConflictIsComparedAgainAndActedOnAnew(t *testing.T) {
	t.Parallel()
	live := Expectation{Class: resource.ClassLive}
	for name, test := range map[string]struct {
		change func(*kinds.InstanceConfig)
		expect Expectation
		meddle func(*api.Instance)
		did    string
		keys   map[string]string
	}{
		"a key of their own stays": {relabelled, live, func(i *api.Instance) { i.Config["user.mine"] = "1" }, "conflict write",
			map[string]string{"user.mine": "1", "user.label.l": "2"}},
		"a key of icc's that the file has not changed stays": {relabelled, live, func(i *api.Instance) { i.Config["limits.processes"] = "7" }, "conflict write",
			map[string]string{"limits.processes": "7", "user.label.l": "2"}},
		"one that the file changes, too, is the file's": {relabelled, live, func(i *api.Instance) { i.Config["user.label.l"] = "3" }, "conflict write",
			map[string]string{"user.label.l": "2"}},
		"what somebody did already is not done again": {relabelled, live, func(i *api.Instance) {
			i.Config[resource.KeyHash], i.Config["user.label.l"] = wanted(t, relabelled, "f1").Hash, "2"
		}, "conflict", map[string]string{"user.label.l": "2"}},
		"another image is a rebuild, which was not planned": {relabelled, live, func(i *api.Instance) { i.Config["volatile.base_image"] = "f0" },
			"conflict stop write rebuild write start", map[string]string{"volatile.base_image": "f1", "user.label.l": "2"}},
		"what was planned to be stopped is left for the planned start": {func(c *kinds.InstanceConfig) { c.WorkingDir = "/x" }, Expectation{Class: resource.ClassRestart},
			func(i *api.Instance) { i.Config["user.mine"] = "1" }, "stop conflict write", map[string]string{"user.mine": "1", "oci.cwd": "/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := running(t)
			d.meddle = []func(*api.Instance){test.meddle}
			if _, err := d.ensure(wanted(t, test.change, "f1"), test.expect); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(d.did, " "); got != test.did {
				t.Errorf("it did %s, want %s", got, test.did)
			}
			for key, value := range test.keys {
				if d.inst.Config[key] != value {
					t.Errorf("%s is %q, want %q", key, d.inst.Config[key], value)
				}
			}
		})
	}
}

func TestAChangeThatTheServerRefusesWhileItRunsIsMadeByARestart(t *testing.T) {
	t.Parallel()
	d := running(t)
	d.failWith = `Failed to start device "m": Failed to add mount for device inside container: exit status 1`
	if _, err := d.ensure(wanted(t, relabelled, "f1"), Expectation{Class: resource.ClassRestart}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(d.did, " "); got != "stop write" {
		t.Errorf("it did %s", got)
	}
}

func TestAFailedRebuildLosesNoSettingAndIsNotForgotten(t *testing.T) {
	t.Parallel()
	d := running(t)
	d.inst.StatusCode, d.failWith = api.Stopped, "no space left on device"
	d.inst.Config["oci.uid"] = "7" // Incus had it from the image
	want := wanted(t, nil, "f2")
	if _, err := d.ensure(want, Expectation{Class: resource.ClassRebuild}); err == nil || !strings.Contains(resource.Hint(err), "make room") {
		t.Errorf("the error is %v", err)
	}
	if d.inst.Config["oci.uid"] != "7" || d.inst.Config["limits.processes"] != "5" {
		t.Errorf("the settings are %v", d.inst.Config)
	}
	for _, fingerprint := range []string{"f1", "f2"} {
		have, _, _ := d.GetInstance("")
		if got := reconcile.Compare(resource.Ref{}, wanted(t, nil, fingerprint), have); got.Class != resource.ClassRebuild {
			t.Errorf("with the image %s the next plan says %s", fingerprint, got.Class)
		}
	}
}

func TestAnImageThatIsGoneStopsNothing(t *testing.T) {
	t.Parallel()
	for _, class := range []resource.Class{resource.ClassRebuild, resource.ClassRecreate} {
		d := running(t)
		d.noImage = true
		_, err := d.ensure(wanted(t, nil, "f2"), Expectation{Class: class, CreatedAt: d.inst.CreatedAt})
		if err == nil || len(d.did) > 0 {
			t.Errorf("%s: %v, it did %v", class, err, d.did)
		}
	}
}
