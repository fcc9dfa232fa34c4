package builders

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/conformance"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

// Case is a builder and what only its tool can tell.
type Case struct {
	// New makes the builder as its plugin does.
	New func() sdk.Builder
	// Tool is the program that it drives.
	Tool string
	// Containers are the arguments with which the tool prints the ids of all its containers, working ones too.
	Containers []string
	// Step is how the tool names the second of three instructions, "RUN x".
	Step string
	// Either says that the builder takes any of the images that its tool has made from the same for a change.
	Either bool
	// Chroot says that steps run in a chroot here, which knows no /dev/shm of its own.
	Chroot bool
}

// Run runs the suite.
func Run(t *testing.T, c Case) {
	probe, err := c.New().Probe(t.Context())
	if err != nil || !probe.Available {
		t.Fatalf("%s has to work where its tests run: %+v, %v", c.Tool, probe, err)
	}
	s := &suite{Case: c, unsupported: probe.Unsupported}
	for name, test := range map[string]func(*testing.T){
		"the promises of the protocol":        s.conforms,
		"the image says everything":           s.everything,
		"the container does all of it":        s.running,
		"secrets are in no layer":             s.secrets,
		"further contexts":                    s.contexts,
		"repositories and archives":           s.fetches,
		"what cannot be done is refused":      s.refuses,
		"steps that have run twice":           s.twins,
		"every attribute":                     s.attributes,
		"an unchanged build":                  s.unchanged,
		"an inline Containerfile":             s.inline,
		"the choice of the Containerfile":     s.containerfiles,
		"the choice of the ignore file":       s.ignoreFiles,
		"what is ignored is not read":         s.ignoresLargeFiles,
		"failing builds say where":            s.fails,
		"a cancelled build":                   s.cancels,
		"builds of one Containerfile at once": s.parallel,
		"a missing tool":                      s.missing,
	} {
		t.Run(name, test)
	}
}

type suite struct {
	Case
	unsupported []string
}

func (s *suite) supports(attribute string) bool { return !slices.Contains(s.unsupported, attribute) }

// request makes a build context of files and a request for it.
func request(t *testing.T, files map[string]string) kinds.BuildRequest {
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
	return kinds.BuildRequest{Name: "shop-web", Platform: "linux/amd64", OutputDir: t.TempDir(), Build: kinds.BuildConfig{Context: dir}}
}

// build builds and expects that to work.
func (s *suite) build(t *testing.T, req kinds.BuildRequest) (*kinds.BuildResult, *Heard) {
	t.Helper()
	sink := &Heard{}
	result, err := s.New().Build(t.Context(), req, sink)
	if err != nil {
		t.Fatalf("building: %v (hint: %s)\n%s", err, resource.Hint(err), sink)
	}
	if result.Builder != s.Tool || result.Version == "" {
		t.Errorf("the result is %+v", result)
	}
	return result, sink
}

// leavesNothing checks that builds leave neither processes, nor containers, nor files outside their archive.
func (s *suite) leavesNothing(t *testing.T, reqs ...kinds.BuildRequest) {
	t.Helper()
	testbed.Env(t).LeavesNothing(t)
	before := s.traces(t)
	t.Cleanup(func() {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			left := slices.DeleteFunc(s.traces(t), func(trace string) bool { return slices.Contains(before, trace) })
			if len(left) == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("left: %v", left)
				break
			}
		}
		for _, req := range reqs {
			entries, err := os.ReadDir(req.OutputDir)
			if err != nil {
				t.Error(err)
			}
			for _, e := range entries {
				if e.Name() != "image.tar" {
					t.Errorf("%s is left in the output directory", e.Name())
				}
			}
		}
	})
}

// run runs the tool and returns what it prints.
func (s *suite) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(s.Tool, args...).Output() // what it says beside, as of what it tidies up, is no answer
	if err != nil {
		var failed *exec.ExitError
		_ = errors.As(err, &failed)
		t.Fatalf("%s %v: %v\n%s", s.Tool, args, err, failed.Stderr)
	}
	return string(out)
}

// traces names what a build might leave on the host.
func (s *suite) traces(t *testing.T) []string {
	t.Helper()
	traces := strings.Fields(s.run(t, s.Containers...))
	for _, pattern := range []string{"/var/tmp/buildah*", "/tmp/buildah*", "/tmp/docker*", "/tmp/buildx*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		traces = append(traces, found...)
	}
	return traces
}

func (s *suite) conforms(t *testing.T) {
	conformance.Builder(t, s.New(), conformance.BuildCase{
		New:     s.New,
		Request: request(t, map[string]string{"Dockerfile": "FROM busybox:1\nCOPY . /src\n", "a": "1"}),
		Broken:  request(t, map[string]string{"Dockerfile": "FROM busybox:1\nRUN echo promise && exit 7\n"}),
		Slow:    request(t, map[string]string{"Dockerfile": "FROM busybox:1\nRUN sleep 1000\n"}),
		Watch: func(t testing.TB) func() {
			testbed.Env(t).LeavesNothing(t)
			return func() {}
		},
	})
}

func (s *suite) missing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	probe, err := s.New().Probe(t.Context())
	if err != nil || probe.Available || !strings.Contains(probe.Reason, s.Tool+" is not installed") {
		t.Errorf("Probe says %+v, %v", probe, err)
	}
	req := request(t, map[string]string{"Containerfile": "FROM scratch\n"})
	_, err = s.New().Build(t.Context(), req, resource.Discard{})
	wants(t, err, resource.ErrBuild, s.Tool+" is not installed", "apt install "+s.Tool)
}
