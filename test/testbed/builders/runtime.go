package builders

import (
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
)

// WithoutARuntime checks a builder of the family of podman on a machine where its container runtime may not work: then
// it builds all the same and says so, once; nor does it need credentials of any registry. The builder must not have
// built before.
func WithoutARuntime(t *testing.T, b sdk.Builder) {
	t.Helper()
	t.Setenv("BUILDAH_ISOLATION", "")
	t.Setenv("DOCKER_CONFIG", t.TempDir()) // nobody has logged in anywhere
	req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nRUN echo isolated > /x\n"})
	build := func(req kinds.BuildRequest) (*kinds.BuildResult, *Heard) {
		sink := &Heard{}
		result, err := b.Build(t.Context(), req, sink)
		if err != nil {
			t.Fatalf("building: %v\n%s", err, sink)
		}
		return result, sink
	}
	result, sink := build(req)
	if files := Files(t, result); files["x"] != "00644 0:0 isolated\n" {
		t.Errorf("the step wrote %q", files["x"])
	}
	fell := strings.Contains(sink.String(), "error running container") || strings.Contains(sink.String(), "did not get container create message")
	if said := len(sink.Notices()) == 1; said != fell {
		t.Errorf("the runtime failed is %v, but the user hears %q", fell, sink.Notices())
	}
	req.OutputDir, req.Build.NoCache = t.TempDir(), true
	if _, sink := build(req); len(sink.Notices()) != 0 {
		t.Errorf("the second build says again %q", sink.Notices())
	}
}
