package engine

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// world is an in-process plugin of every kind: what exists is a map, and every call is written down.
type world struct {
	mu     sync.Mutex
	states map[resource.Ref]resource.State
	calls  []string
	fail   map[string]error
	// needs makes the first ensure of a resource ask for a build.
	needs map[resource.Ref]bool
	built []kinds.BuildRequest
	// foretold are the outputs that a plan says of what does not exist yet.
	foretold map[resource.Ref]json.RawMessage
	// inputs remembers what each run was given.
	inputs map[string][]resource.Input
}

func newWorld(states ...resource.State) *world {
	w := &world{
		states: make(map[resource.Ref]resource.State), fail: make(map[string]error),
		needs: make(map[resource.Ref]bool), inputs: make(map[string][]resource.Input),
	}
	for _, s := range states {
		w.states[s.Ref] = s
	}
	return w
}

func (w *world) Kinds(context.Context) ([]sdk.Kind, error) {
	return []sdk.Kind{
		{Kind: resource.KindProject, Priority: resource.PriorityProject},
		{Kind: resource.KindImage, Priority: resource.PriorityImage},
		{Kind: resource.KindNetwork, Priority: resource.PriorityNetwork},
		{Kind: resource.KindStorageVolume, Priority: resource.PriorityVolume},
		{Kind: resource.KindInstance, Priority: resource.PriorityInstance},
	}, nil
}

func (w *world) Provider(context.Context, resource.Kind) (sdk.Provider, error) { return w, nil }
func (w *world) Builder(context.Context, string) (sdk.Builder, error)          { return builder{w}, nil }
func (w *world) Describe(context.Context) (*sdk.Description, error)            { return &sdk.Description{}, nil }
func (w *world) Configure(context.Context, sdk.Settings) error                 { return nil }

func (w *world) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	out := &sdk.Resolution{}
	for _, d := range decls {
		out.Resolved = append(out.Resolved, resolved(d.Ref, d.DependsOn...))
	}
	return out, nil
}

func (w *world) Plan(_ context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, "plan "+string(req.Kind))
	w.inputs["plan "+string(req.Kind)] = req.Inputs
	if err := w.fail["plan "+string(req.Kind)]; err != nil {
		return nil, err
	}
	out := &sdk.PlanResult{}
	declared := make(map[resource.Ref]bool)
	for _, r := range req.Resolved {
		declared[r.Ref] = true
		s, ok := w.states[r.Ref]
		class := resource.ClassNone
		if !ok {
			s, class = resource.State{Ref: r.Ref, Status: resource.StatusMissing, Outputs: w.foretold[r.Ref]}, resource.ClassCreate
		}
		s.Declared = true
		out.States = append(out.States, s)
		out.Changes = append(out.Changes, resource.Change{Ref: r.Ref, Class: class})
	}
	for ref, s := range w.states {
		if ref.Kind == req.Kind && !declared[ref] {
			out.States = append(out.States, s)
		}
	}
	return out, nil
}

func (w *world) Run(ctx context.Context, req sdk.RunRequest, _ resource.Sink) (*sdk.RunResult, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	call := stepID(req.Action, req.Resource.Ref)
	w.calls = append(w.calls, call)
	w.inputs[call] = req.Inputs
	if err := w.fail[call]; err != nil {
		return nil, err
	}
	if w.needs[req.Resource.Ref] && req.Input(resource.Ref{Kind: sdk.NeedBuild, Name: "app"}) == nil {
		return &sdk.RunResult{Needs: []sdk.Need{{Kind: sdk.NeedBuild, Name: "app", Request: json.RawMessage(`{"name":"app"}`)}}}, nil
	}
	out, _ := json.Marshal("outputs of " + req.Resource.Ref.String())
	return &sdk.RunResult{Outputs: out, Changed: true}, ctx.Err()
}

type builder struct{ *world }

func (builder) Probe(context.Context) (*sdk.Probe, error) { return &sdk.Probe{Available: true}, nil }

func (b builder) Build(_ context.Context, req kinds.BuildRequest, _ resource.Sink) (*kinds.BuildResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.built = append(b.built, req)
	return &kinds.BuildResult{Digest: "sha256:1"}, nil
}

func ref(k resource.Kind, name string) resource.Ref { return resource.Ref{Kind: k, Name: name} }

func edge(to resource.Ref, c resource.Condition) resource.Edge {
	return resource.Edge{To: to, Condition: c}
}

func resolved(r resource.Ref, edges ...resource.Edge) resource.Resolved {
	out := resource.Resolved{Ref: r, IncusName: "p-" + r.Name, DependsOn: edges}
	out.Actions = []resource.Action{resource.ActionEnsure, resource.ActionDelete}
	if r.Kind == resource.KindInstance {
		out.Actions = append(out.Actions, resource.ActionStart, resource.ActionStop, resource.ActionWait, resource.ActionComplete)
	}
	out.Priority = map[resource.Kind]int{
		resource.KindProject: resource.PriorityProject, resource.KindImage: resource.PriorityImage,
		resource.KindNetwork: resource.PriorityNetwork, resource.KindStorageVolume: resource.PriorityVolume,
		resource.KindInstance: resource.PriorityInstance,
	}[r.Kind]
	return out
}

// shop is a project of a web service that needs a healthy database, both on one network.
func shop() []resource.Declaration {
	project, net := ref(resource.KindProject, "shop"), ref(resource.KindNetwork, "default")
	img, data := ref(resource.KindImage, "redis:8"), ref(resource.KindStorageVolume, "data")
	db, web := ref(resource.KindInstance, "db-1"), ref(resource.KindInstance, "web-1")
	in := func(r resource.Ref) resource.Edge { return edge(r, resource.ConditionEnsured) }
	return []resource.Declaration{
		{Ref: project},
		{Ref: img, DependsOn: []resource.Edge{in(project)}},
		{Ref: net, DependsOn: []resource.Edge{in(project)}},
		{Ref: data, DependsOn: []resource.Edge{in(project)}},
		{Ref: db, DependsOn: []resource.Edge{in(img), in(net), in(data)}},
		{Ref: web, DependsOn: []resource.Edge{in(img), in(net), edge(db, resource.ConditionHealthy)}},
	}
}

// running returns the states of all of decls as if they had been brought up.
func running(decls []resource.Declaration) []resource.State {
	var out []resource.State
	for _, d := range decls {
		s := resource.State{Ref: d.Ref, IncusName: "p-" + d.Name, Exists: true, Status: resource.StatusAvailable}
		s.Outputs = json.RawMessage(`"old outputs of ` + d.Ref.String() + `"`)
		if d.Kind == resource.KindInstance {
			s.Status = resource.StatusRunning
		}
		s.Persistent = d.Kind == resource.KindImage || d.Kind == resource.KindStorageVolume
		out = append(out, s)
	}
	return out
}

// before fails the test unless a comes before b in the list.
func before(t *testing.T, list []string, a, b string) {
	t.Helper()
	i, j := slices.Index(list, a), slices.Index(list, b)
	if i < 0 || j < 0 || i > j {
		t.Errorf("want %q before %q in %q", a, b, list)
	}
}
