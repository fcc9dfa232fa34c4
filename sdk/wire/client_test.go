package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// recorder is a Sink that writes down what arrives, in order.
type recorder struct {
	mu     sync.Mutex
	events []string
}

func (r *recorder) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, fmt.Sprintf(format, args...))
}
func (r *recorder) Progress(p resource.Progress)          { r.add("progress %d %s", p.Percent, p.Text) }
func (r *recorder) Output(s resource.Stream, data []byte) { r.add("%s %s", s, data) }
func (r *recorder) Notice(l resource.Level, text string)  { r.add("%s %s", l, text) }

func TestRunDeliversEverythingInOrder(t *testing.T) {
	t.Parallel()
	const lines = 2000
	c := connect(t, &bare{run: func(_ context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
		sink.Progress(resource.Progress{Percent: -1, Text: "begin"})
		for i := range lines {
			sink.Output(resource.Stdout, fmt.Appendf(nil, "line %d", i))
		}
		sink.Notice(resource.LevelWarning, "odd \xff bytes")
		sink.Output(resource.Stderr, nil)
		return &sdk.RunResult{Outputs: req.Resource.Config, Created: true, Needs: []sdk.Need{{Kind: sdk.NeedBuild, Name: "x"}}}, nil
	}})
	var got recorder
	req := sdk.RunRequest{Resource: resource.Resolved{Config: json.RawMessage(`{"a":1}`)}}
	res, err := c.Run(t.Context(), req, &got)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"progress -1 begin"}
	for i := range lines {
		want = append(want, fmt.Sprintf("stdout line %d", i))
	}
	want = append(want, "warning odd \uFFFD bytes")
	if diff := cmp.Diff(want, got.events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	wantRes := &sdk.RunResult{Outputs: json.RawMessage(`{"a":1}`), Created: true, Needs: []sdk.Need{{Kind: sdk.NeedBuild, Name: "x"}}}
	if diff := cmp.Diff(wantRes, res); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestRunTakesLateAndConcurrentReports(t *testing.T) {
	t.Parallel()
	late := make(chan struct{})
	c := connect(t, &bare{run: func(_ context.Context, _ sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 100 {
					sink.Output(resource.Stdout, bytes.Repeat([]byte("y"), 3000))
				}
			})
		}
		wg.Wait()
		go func() {
			<-late
			sink.Notice(resource.LevelInfo, "too late")
		}()
		return &sdk.RunResult{}, nil
	}})
	var got recorder
	if _, err := c.Run(t.Context(), sdk.RunRequest{}, &got); err != nil {
		t.Fatal(err)
	}
	close(late)
	if len(got.events) != 800 {
		t.Errorf("%d events arrived, want 800", len(got.events))
	}
	if _, err := c.Run(t.Context(), sdk.RunRequest{}, nil); err != nil {
		t.Errorf("without a sink: %v", err)
	}
}

func TestRunReturnsThePluginsError(t *testing.T) {
	t.Parallel()
	c := connect(t, &bare{run: func(_ context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
		sink.Notice(resource.LevelInfo, "trying")
		if req.Action == "nothing" {
			return nil, nil
		}
		return nil, fmt.Errorf("starting: %w", resource.ErrPortInUse.WithHint("stop the other one"))
	}})
	var got recorder
	_, err := c.Run(t.Context(), sdk.RunRequest{}, &got)
	if !errors.Is(err, resource.ErrPortInUse) || resource.Hint(err) != "stop the other one" || len(got.events) != 1 {
		t.Errorf("got %v with hint %q after %v", err, resource.Hint(err), got.events)
	}
	if _, err := c.Run(t.Context(), sdk.RunRequest{Action: "nothing"}, nil); !errors.Is(err, resource.ErrNilPointer) {
		t.Errorf("an action that returns nothing at all: %v", err)
	}
}

func TestCancellationAndDeadlinesReachThePlugin(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	c := connect(t, &bare{run: func(ctx context.Context, _ sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
		sink.Progress(resource.Progress{Text: "running"})
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}})
	for _, tt := range []struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
		want error
	}{
		{"cancelled", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(10*time.Second, cancel) // see below
			return ctx, cancel
		}, context.Canceled},
		{"out of time", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 10*time.Second) // the call has to arrive in that time, however busy the machine is
		}, context.DeadlineExceeded},
	} {
		ctx, cancel := tt.ctx()
		_, err := c.Run(ctx, sdk.RunRequest{}, nil)
		cancel()
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: the caller got %v, want %v", tt.name, err, tt.want)
		}
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatalf("%s: the plugin's context goes on", tt.name)
		}
	}
}

func TestUnaryCalls(t *testing.T) {
	t.Parallel()
	c := connect(t, &whole{})
	ctx := t.Context()
	if d, err := c.Describe(ctx); err != nil || d.Name != "fake" {
		t.Errorf("Describe = %+v, %v", d, err)
	}
	if err := c.Configure(ctx, sdk.Settings{}); !errors.Is(err, resource.ErrConfig) || resource.Hint(err) != "do not" {
		t.Errorf("Configure = %v", err)
	}
	decl := resource.Declaration{Ref: resource.Ref{Kind: "k", Name: "n"}, Config: json.RawMessage(`{}`)}
	if r, err := c.Resolve(ctx, []resource.Declaration{decl}); err != nil || len(r.Resolved) != 1 || r.Resolved[0].Ref != decl.Ref {
		t.Errorf("Resolve = %+v, %v", r, err)
	}
	if p, err := c.Plan(ctx, sdk.PlanRequest{Kind: "k"}); err != nil || p.States[0].Kind != "k" {
		t.Errorf("Plan = %+v, %v", p, err)
	}
	if _, err := c.Plan(ctx, sdk.PlanRequest{}); !errors.Is(err, resource.ErrNilPointer) {
		t.Errorf("a plan of nothing = %v", err)
	}
	if r, err := c.Call(ctx, sdk.CallRequest{Request: json.RawMessage(`[1]`)}); err != nil || string(r) != "[1]" {
		t.Errorf("Call = %s, %v", r, err)
	}
	if snapshot, err := c.Look(ctx, "k"); err != nil || string(snapshot) != `"k"` {
		t.Errorf("Look = %s, %v", snapshot, err)
	}
	if _, err := c.Look(ctx, ""); !errors.Is(err, resource.ErrDisconnected) {
		t.Errorf("a failing look = %v", err)
	}
	if snapshot, err := connect(t, &bare{}).Look(ctx, "k"); err != nil || snapshot != nil {
		t.Errorf("a look by a plugin that cannot = %s, %v", snapshot, err)
	}
	if p, err := c.Probe(ctx); err != nil || p.Score != 3 {
		t.Errorf("Probe = %+v, %v", p, err)
	}
}

func TestMissingAbilities(t *testing.T) {
	t.Parallel()
	c := connect(t, &bare{})
	ctx := t.Context()
	ref := resource.Ref{Kind: "instance", Name: "web-1"}
	_, call := c.Call(ctx, sdk.CallRequest{Verb: "dance", Resource: resource.Resolved{Ref: ref}})
	_, session := c.Session(ctx, sdk.SessionRequest{Verb: "exec", Resource: resource.Resolved{Ref: ref}}, sdk.SessionIO{})
	_, probe := c.Probe(ctx)
	_, build := c.Build(ctx, kinds.BuildRequest{}, nil)
	for name, err := range map[string]error{"call": call, "session": session, "probe": probe, "build": build} {
		if !errors.Is(err, resource.ErrUnsupportedAction) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !strings.Contains(call.Error(), `web-1`) || !strings.Contains(call.Error(), `"dance"`) {
		t.Errorf("the error does not say what is missing: %v", call)
	}
	if err := Register(nil, 7); err == nil {
		t.Error("a number was registered as a plugin")
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	c := connect(t, &whole{build: func(_ context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
		sink.Output(resource.Stdout, []byte("STEP 1"))
		switch req.Name {
		case "broken":
			return nil, resource.ErrBuild.WithText("no such base")
		case "nothing":
			return nil, nil
		}
		return &kinds.BuildResult{Archive: req.OutputDir + "/oci.tar", Builder: "fake"}, nil
	}})
	var got recorder
	res, err := c.Build(t.Context(), kinds.BuildRequest{Name: "ok", OutputDir: "/out"}, &got)
	if err != nil || res.Archive != "/out/oci.tar" || len(got.events) != 1 || got.events[0] != "stdout STEP 1" {
		t.Errorf("Build = %+v, %v, %v", res, err, got.events)
	}
	if _, err := c.Build(t.Context(), kinds.BuildRequest{Name: "broken"}, nil); !errors.Is(err, resource.ErrBuild) {
		t.Errorf("a broken build = %v", err)
	}
	if _, err := c.Build(t.Context(), kinds.BuildRequest{Name: "nothing"}, nil); !errors.Is(err, resource.ErrNilPointer) {
		t.Errorf("a build without a result = %v", err)
	}
}

func TestLargeMessages(t *testing.T) {
	t.Parallel()
	c := connect(t, &bare{run: func(_ context.Context, req sdk.RunRequest, _ resource.Sink) (*sdk.RunResult, error) {
		return &sdk.RunResult{Outputs: req.Resource.Config}, nil
	}})
	for _, size := range []int{5 << 20, 40 << 20} {
		doc := json.RawMessage(`"` + strings.Repeat("z", size) + `"`)
		res, err := c.Run(t.Context(), sdk.RunRequest{Resource: resource.Resolved{Config: doc}}, nil)
		if err != nil || !bytes.Equal(res.Outputs, doc) {
			t.Errorf("%d MiB: %v", size>>20, err)
		}
	}
	doc := json.RawMessage(strings.Repeat("z", MaxMessageBytes+1))
	_, err := c.Run(t.Context(), sdk.RunRequest{Resource: resource.Resolved{Config: doc}}, nil)
	if !errors.Is(err, resource.ErrPlugin) || !strings.Contains(err.Error(), "larger than 64 MiB") || Lost(err) {
		t.Errorf("a message over the limit: %v", err)
	}
}
