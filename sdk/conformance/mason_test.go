package conformance

import (
	"archive/tar"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// mason is a builder that needs the tool "true". It behaves well but for one fault.
type mason struct {
	fault string
	built atomic.Int64 // builds may overlap: a cancelled one goes on for a moment
}

func (m *mason) is(fault string) bool { return m.fault == fault }

func (m *mason) Describe(context.Context) (*sdk.Description, error) {
	d := &sdk.Description{Name: "builder-mason", Version: "1", Summary: "Builds.", Builder: &sdk.BuilderInfo{Tool: "true"}, Features: []string{sdk.FeatureBuildCheck}}
	switch m.fault {
	case "names no tool":
		d.Builder.Tool = ""
	case "says something else each time":
		m.built.Add(1)
		d.Version = fmt.Sprint(m.built.Load())
	}
	return d, nil
}

func (m *mason) Configure(context.Context, sdk.Settings) error { return nil }

func (m *mason) Probe(context.Context) (*sdk.Probe, error) {
	_, err := exec.LookPath("true")
	switch {
	case err != nil && m.is("fails without its tool"):
		return nil, err
	case err != nil && !m.is("is always there"):
		return &sdk.Probe{Reason: "true is not installed"}, nil
	}
	p := &sdk.Probe{Available: true, Version: "1", Platforms: []string{"linux/amd64"}, Score: 1, Unsupported: []string{"sbom", "ssh"}}
	switch m.fault {
	case "knows no version":
		p.Version = ""
	case "lists in no order":
		p.Unsupported = []string{"ssh", "sbom"}
	}
	return p, nil
}

func (m *mason) Build(ctx context.Context, req kinds.BuildRequest, _ resource.Sink) (*kinds.BuildResult, error) {
	if req.CheckOnly && !m.is("builds when it is asked whether it could") {
		return &kinds.BuildResult{}, m.check(req)
	}
	m.built.Add(1)
	result := &kinds.BuildResult{Archive: filepath.Join(req.OutputDir, "image.tar"), Digest: "sha256:" + strings.Repeat("0", 64), Builder: "mason", Version: "1"}
	if m.is("builds something else each time") {
		result.Digest = fmt.Sprintf("sha256:%064d", m.built.Load())
	}
	if ctx.Err() != nil && m.is("does not mind the end of its context") {
		return result, nil
	}
	err := work(ctx, req)
	if err != nil && !m.is("leaves its work") {
		_ = os.RemoveAll(filepath.Join(req.OutputDir, "work"))
	}
	switch {
	case ctx.Err() != nil && m.is("fails for another reason"):
		return nil, resource.ErrOperation
	case ctx.Err() != nil:
		return nil, resource.ErrAborted.Wrap(ctx.Err())
	case err != nil && m.is("fails with another sentinel"):
		return nil, resource.ErrOperation.Wrap(err)
	case err != nil && m.is("does not name the image"):
		return nil, resource.ErrBuild
	case err != nil:
		return nil, resource.ErrBuild.WithText("building " + req.Name).Wrap(err)
	}
	return m.save(req, result)
}

func (m *mason) check(req kinds.BuildRequest) error {
	if _, err := os.Stat(req.Build.Context); req.Build.Context != "" && !m.is("finds nothing wrong") {
		return err
	}
	return nil
}

// work leaves a folder when it fails.
func work(ctx context.Context, req kinds.BuildRequest) error {
	dir := filepath.Join(req.OutputDir, "work")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	switch req.Build.Target {
	case "broken":
		return fmt.Errorf("step 2 failed")
	case "slow":
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Minute):
		}
	}
	return os.Remove(dir)
}

func (m *mason) save(req kinds.BuildRequest, result *kinds.BuildResult) (*kinds.BuildResult, error) {
	member := "manifest.json"
	switch m.fault {
	case "saves elsewhere":
		result.Archive = filepath.Join(filepath.Dir(req.OutputDir), "elsewhere.tar")
	case "saves something else":
		member = "readme"
	case "leaves a log":
		if err := os.WriteFile(filepath.Join(req.OutputDir, "log"), nil, 0o600); err != nil {
			return nil, err
		}
	case "gives no digest":
		result.Digest = "latest"
	}
	file, err := os.Create(result.Archive)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	w := tar.NewWriter(file)
	if err := w.WriteHeader(&tar.Header{Name: member, Typeflag: tar.TypeReg}); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if req.KnownDigest == result.Digest && !m.is("saves what is known beside nothing") {
		result.Archive = ""
		return result, os.Remove(file.Name())
	}
	if m.is("saves what is known beside nothing") && req.KnownDigest != "" {
		result.Archive = ""
	}
	return result, nil
}

func buildCase() BuildCase {
	return BuildCase{
		Request: kinds.BuildRequest{Name: "web"},
		Broken:  kinds.BuildRequest{Name: "web", Build: kinds.BuildConfig{Target: "broken"}},
		Slow:    kinds.BuildRequest{Name: "web", Build: kinds.BuildConfig{Target: "slow"}},
	}
}

// The tests of builders change PATH, so they do not run beside others.
func TestAGoodBuilderPasses(t *testing.T) {
	Builder(t, &mason{}, buildCase())
}

func TestEachFaultOfABuilderIsNoticed(t *testing.T) {
	faults := map[string][][2]string{
		"Describe always says the same": {{"names no tool", "with which tool"}, {"says something else each time", "something else"}},
		"the tool is probed":            {{"knows no version", "Probe says"}, {"lists in no order", "no order"}},
		"a check runs nothing":          {{"builds when it is asked whether it could", "will fail"}, {"finds nothing wrong", "nothing is said"}},
		"a missing tool is no failure":  {{"fails without its tool", "fails"}, {"is always there", "missing"}},
		"Build leaves an archive and nothing else": {
			{"saves elsewhere", "not in the request's directory"}, {"saves something else", "readme"}, {"leaves a log", "left log"}, {"gives no digest", "latest"},
		},
		"the same build gives the same digest": {{"builds something else each time", "and then"}, {"saves what is known beside nothing", "left image.tar"}},
		"a failing build leaves nothing":       {{"leaves its work", "left work"}, {"fails with another sentinel", "building the image failed"}, {"does not name the image", "does not name"}},
		"a cancelled build leaves nothing":     {{"leaves its work", "left work"}, {"fails for another reason", "operation"}, {"does not mind the end of its context", "aborted"}},
	}
	for _, one := range buildChecks() {
		if len(faults[one.name]) == 0 {
			t.Errorf("no fault is known for %q", one.name)
		}
		for _, f := range faults[one.name] {
			t.Run(one.name+"/"+f[0], func(t *testing.T) {
				l := &listener{T: t}
				done := make(chan struct{})
				go func() {
					defer close(done)
					one.try(l, &buildSubject{BuildCase: buildCase(), builder: &mason{fault: f[0]}, patience: time.Second})
				}()
				<-done
				if !strings.Contains(l.said(), f[1]) {
					t.Errorf("it says %q, want %q", l.said(), f[1])
				}
			})
		}
	}
}
