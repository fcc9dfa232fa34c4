//go:build incus

package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

const testRegistry = "127.0.0.1:5000"

// bed is the plugin with a real server behind it, through a socket that counts what the plugin asks.
type bed struct {
	*provider
	t        *testing.T
	settings sdk.Settings
	server   client.InstanceServer
	asked    *testbed.Requests
}

// newBed returns a plugin for a Compose project of the test's own. The images that the test makes are removed, and
// it is checked that nothing else stays.
func newBed(t *testing.T, project string) *bed {
	t.Helper()
	host := testbed.Env(t)
	host.LeavesNothing(t)
	server := host.Incus(t)
	info, _, err := server.GetServer()
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{provider: newProvider(), t: t, server: server, asked: host.Requests(t)}
	b.settings = sdk.Settings{
		IncusSocket:    b.asked.Socket,
		IncusProject:   "default",
		ComposeProject: project,
		Remotes: map[string]sdk.ImageRemote{
			"docker.io": {Address: "https://" + testRegistry, Protocol: "oci"},
		},
		APIExtensions: info.APIExtensions,
		Architectures: info.Environment.Architectures,
		ServerVersion: info.Environment.ServerVersion,
		CacheDir:      t.TempDir(),
	}
	b.configure()
	t.Cleanup(b.removeImages)
	return b
}

func (b *bed) configure() {
	b.t.Helper()
	if err := b.Configure(b.t.Context(), b.settings); err != nil {
		b.t.Fatal(err)
	}
}

// with returns the same plugin with other settings.
func (b *bed) with(change func(*sdk.Settings)) *bed {
	b.t.Helper()
	other := *b
	other.provider = newProvider()
	change(&other.settings)
	other.configure()
	return &other
}

func (b *bed) removeImages() {
	list, err := b.server.GetImages()
	if err != nil {
		b.t.Errorf("listing images: %v", err)
	}
	for _, img := range list {
		op, err := b.server.DeleteImage(img.Fingerprint)
		if err == nil {
			err = op.Wait()
		}
		if err != nil {
			b.t.Errorf("removing image %s: %v", img.Fingerprint, err)
		}
	}
}

// plan resolves and plans images.
func (b *bed) plan(opts resource.Options, configs ...kinds.ImageConfig) (*sdk.PlanResult, []resource.Resolved) {
	b.t.Helper()
	var decls []resource.Declaration
	for _, c := range configs {
		decls = append(decls, declare(b.t, c.Reference, c))
	}
	resolution, err := b.Resolve(b.t.Context(), decls)
	if err != nil || len(resolution.Diagnostics) > 0 {
		b.t.Fatalf("resolving: %v %v", err, resolution.Diagnostics)
	}
	plan, err := b.Plan(b.t.Context(), sdk.PlanRequest{Kind: resource.KindImage, Resolved: resolution.Resolved, Options: opts})
	if err != nil {
		b.t.Fatal(err)
	}
	return plan, resolution.Resolved
}

// ensure plans and runs one image.
func (b *bed) ensure(config kinds.ImageConfig, opts resource.Options, inputs ...resource.Input) (*sdk.RunResult, *heard, error) {
	b.t.Helper()
	opts.Create = true
	plan, resolved := b.plan(opts, config)
	sink := &heard{}
	result, err := b.Run(b.t.Context(), sdk.RunRequest{
		Resource: resolved[0], Action: resource.ActionEnsure, Change: plan.Changes[0], State: plan.States[0],
		Inputs: inputs, Options: opts,
	}, sink)
	return result, sink, err
}

// mustEnsure is ensure that fails the test on errors, and returns the outputs.
func (b *bed) mustEnsure(config kinds.ImageConfig, opts resource.Options, inputs ...resource.Input) (kinds.ImageOutputs, *sdk.RunResult) {
	b.t.Helper()
	result, _, err := b.ensure(config, opts, inputs...)
	if err != nil {
		b.t.Fatalf("ensuring %s: %v (hint: %s)", config.Reference, err, resource.Hint(err))
	}
	return outputsOf(b.t, result.Outputs), result
}

func outputsOf(t *testing.T, raw json.RawMessage) kinds.ImageOutputs {
	t.Helper()
	var out kinds.ImageOutputs
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("reading outputs %q: %v", raw, err)
	}
	return out
}

func (b *bed) remove(config kinds.ImageConfig) *sdk.RunResult {
	b.t.Helper()
	plan, resolved := b.plan(resource.Options{}, config)
	result, err := b.Run(b.t.Context(), sdk.RunRequest{
		Resource: resolved[0], Action: resource.ActionDelete, State: plan.States[0],
	}, &heard{})
	if err != nil {
		b.t.Fatalf("deleting %s: %v", config.Reference, err)
	}
	return result
}

// aliases returns the server's aliases and the images they name.
func (b *bed) aliases() map[string]string {
	b.t.Helper()
	list, err := b.server.GetImageAliases()
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]string{}
	for _, a := range list {
		out[a.Name] = a.Target
	}
	return out
}

func (b *bed) images() []string {
	b.t.Helper()
	list, err := b.server.GetImageFingerprints()
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

// start runs a container from an image with nothing but what the image says, and waits until it has run.
func (b *bed) start(name, fingerprint string, config map[string]string) {
	b.t.Helper()
	op, err := b.server.CreateInstance(api.InstancesPost{
		Name: name, Type: api.InstanceTypeContainer, Start: true,
		InstancePut: api.InstancePut{Config: config, Devices: map[string]map[string]string{
			"root": {"type": "disk", "path": "/", "pool": "default"},
		}, Profiles: []string{}},
		Source: api.InstanceSource{Type: "image", Fingerprint: fingerprint},
	})
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		b.t.Fatalf("starting an instance: %v", err)
	}
	b.t.Cleanup(func() { b.stop(name) })
}

// stop removes a container, whatever its state.
func (b *bed) stop(name string) {
	b.t.Helper()
	op, err := b.server.UpdateInstanceState(name, api.InstanceStatePut{Action: "stop", Force: true, Timeout: -1}, "")
	if err == nil {
		_ = op.Wait() // it may have stopped by itself
	}
	op, err = b.server.DeleteInstance(name)
	if err == nil {
		err = op.Wait()
	}
	if err != nil && !api.StatusErrorCheck(err, http.StatusNotFound) {
		b.t.Errorf("removing %s: %v", name, err)
	}
}

// pushed writes an image to the registry.
func pushed(t *testing.T, ref string, img v1.Image) v1.Image {
	t.Helper()
	tag, err := name.NewTag(testRegistry + "/" + ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, img); err != nil {
		t.Fatalf("pushing %s: %v", ref, err)
	}
	return img
}

func pulled(t *testing.T, ref string) v1.Image {
	t.Helper()
	tag, err := name.NewTag(testRegistry + "/" + ref)
	if err != nil {
		t.Fatal(err)
	}
	img, err := remote.Image(tag)
	if err != nil {
		t.Fatalf("reading %s: %v", ref, err)
	}
	return img
}

// saying returns an image with the same layers and another command.
func saying(t *testing.T, img v1.Image, words ...string) v1.Image {
	t.Helper()
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config := file.Config
	config.Cmd = words
	img, err = mutate.Config(img, config)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// withLayer returns an image with one more layer, which no other image has.
func withLayer(t *testing.T, img v1.Image) v1.Image {
	t.Helper()
	layer, err := random.Layer(1000, "application/vnd.oci.image.layer.v1.tar+gzip")
	if err == nil {
		img, err = mutate.AppendLayers(img, layer)
	}
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// heard keeps what a run reported.
type heard struct {
	mu       sync.Mutex
	notices  []string
	progress []resource.Progress
}

func (h *heard) Progress(p resource.Progress) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.progress = append(h.progress, p)
}

func (h *heard) Output(resource.Stream, []byte) {}

func (h *heard) Notice(level resource.Level, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notices = append(h.notices, string(level)+": "+text)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.notices, "\n")
}
