package conformance

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
)

// BuildCase is what a builder is tried with. The tool must be there, and be found through PATH.
type BuildCase struct {
	// New makes the builder anew, as a restart of the plugin does.
	New func() sdk.Builder
	// Request is for an image that can be built; the kit chooses the directory for the result.
	Request kinds.BuildRequest
	// Broken is for one whose build fails in one of its steps.
	Broken kinds.BuildRequest
	// Slow is for one whose build takes some minutes, to be cancelled.
	Slow kinds.BuildRequest
	// Watch begins to watch the machine and returns a function that fails the test if a build has left anything outside
	// of its directory.
	Watch func(t testing.TB) (clean func())
}

// buildSubject is the builder under test, reached in one way.
type buildSubject struct {
	BuildCase
	builder sdk.Builder
	wire    bool
	// patience is how long a cancelled build may take to clean up.
	patience time.Duration
}

// buildCheck is one promise and the way to try it.
type buildCheck struct {
	name string
	try  func(t testing.TB, s *buildSubject)
}

func buildChecks() []buildCheck {
	return []buildCheck{
		{"Describe always says the same", builderPure},
		{"the tool is probed", builderProbes},
		{"a missing tool is no failure", builderWithoutTool},
		{"a check runs nothing", buildChecked},
		{"Build leaves an archive and nothing else", buildArchive},
		{"the same build gives the same digest", buildAgain},
		{"a failing build leaves nothing", buildBroken},
		{"a cancelled build leaves nothing", buildCancelled},
	}
}

// Builder fails the test for each promise that b does not keep.
func Builder(t *testing.T, b sdk.Builder, c BuildCase) {
	t.Helper()
	for name, wire := range map[string]bool{"in process": false, "over the wire": true} {
		t.Run(name, func(t *testing.T) {
			for _, one := range buildChecks() {
				t.Run(one.name, func(t *testing.T) {
					one.try(t, &buildSubject{BuildCase: c, builder: b, wire: wire, patience: undoTime})
				})
			}
		})
	}
}

// fresh returns the builder before Configure, open after it.
func (s *buildSubject) fresh(t testing.TB) sdk.Builder {
	t.Helper()
	b := s.builder
	if s.New != nil {
		b = s.New()
	}
	if s.wire {
		return serve(t, b)
	}
	return b
}

func (s *buildSubject) open(t testing.TB) sdk.Builder {
	t.Helper()
	b := s.fresh(t)
	if err := b.Configure(t.Context(), sdk.Settings{ComposeProject: "conformance"}); err != nil {
		t.Fatalf("configuring the builder: %v", err)
	}
	return b
}

func builderPure(t testing.TB, s *buildSubject) {
	first, err := s.fresh(t).Describe(t.Context())
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	second, err := s.open(t).Describe(t.Context())
	if diff := cmp.Diff(first, second); err != nil || diff != "" {
		t.Errorf("Describe says something else after Configure: %v\n%s", err, diff)
	}
	describeNames(t, first)
	if first.Builder == nil || first.Builder.Tool == "" {
		t.Error("the description does not say that the plugin builds, and with which tool")
	}
}

func builderProbes(t testing.TB, s *buildSubject) {
	probe, err := s.open(t).Probe(t.Context())
	if err != nil {
		t.Fatalf("Probe: %v", err)
	}
	if !probe.Available || probe.Version == "" || probe.Score <= 0 || len(probe.Platforms) == 0 || probe.Reason != "" {
		t.Errorf("the tool is there and Probe says %+v", probe)
	}
	wellFormed(t, "build", "unsupported attribute", probe.Unsupported)
	if !slices.IsSorted(probe.Unsupported) {
		t.Errorf("the unsupported attributes are in no order: %v", probe.Unsupported)
	}
}

// builderWithoutTool probes on a machine without any tools.
func builderWithoutTool(t testing.TB, s *buildSubject) {
	t.Setenv("PATH", t.TempDir())
	probe, err := s.open(t).Probe(t.Context())
	switch {
	case err != nil:
		t.Errorf("Probe without the tool fails: %v", err)
	case probe.Available || probe.Reason == "":
		t.Errorf("the tool is missing and Probe says %+v", probe)
	}
}
