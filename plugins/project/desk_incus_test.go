//go:build incus

package main

import (
	"encoding/json"
	"os"
	"sync"
	"testing"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "project")) }

// desk is the plugin on the real server, driven as the core does it.
type desk struct {
	*provider
	t      *testing.T
	server incus.InstanceServer
	notice notices
}

type notices struct {
	resource.Discard
	mu    sync.Mutex
	texts []string
}

func (n *notices) Notice(_ resource.Level, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.texts = append(n.texts, text)
}

func newDesk(t *testing.T, compose string, leaves ...string) *desk {
	t.Helper()
	host := testbed.Env(t)
	host.LeavesNothing(t, leaves...)
	p := newProvider()
	if err := p.Configure(t.Context(), sdk.Settings{
		IncusSocket: host.Socket, IncusProject: compose, ComposeProject: compose, ProjectOwned: true,
	}); err != nil {
		t.Fatal(err)
	}
	return &desk{provider: p, t: t, server: host.Incus(t)}
}

func declare(t *testing.T, kind resource.Kind, name string, cfg any) resource.Resolved {
	t.Helper()
	raw, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newProvider().Resolve(t.Context(), []resource.Declaration{{Ref: resource.Ref{Kind: kind, Name: name}, Config: raw}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Resolved[0]
}

func (d *desk) plan(kind resource.Kind, rs ...resource.Resolved) *sdk.PlanResult {
	d.t.Helper()
	r, err := d.Plan(d.t.Context(), sdk.PlanRequest{Kind: kind, Resolved: rs, Options: resource.NewOptions(resource.OptionCreate())})
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) run(r resource.Resolved, a resource.Action, plan *sdk.PlanResult) (*sdk.RunResult, error) {
	req := sdk.RunRequest{Resource: r, Action: a, Options: resource.NewOptions(resource.OptionCreate())}
	if plan != nil && len(plan.States) > 0 {
		req.State = plan.States[0]
	}
	if plan != nil && len(plan.Changes) > 0 {
		req.Change = plan.Changes[0]
	}
	return d.Run(d.t.Context(), req, &d.notice)
}

// ensure plans and runs, and returns the change and the result.
func (d *desk) ensure(r resource.Resolved) (resource.Change, *sdk.RunResult) {
	d.t.Helper()
	plan := d.plan(r.Kind, r)
	for _, diag := range plan.Diagnostics {
		d.t.Fatalf("planning: %+v", diag)
	}
	result, err := d.run(r, resource.ActionEnsure, plan)
	if err != nil {
		d.t.Fatal(err)
	}
	if want := plan.Changes[0].Class != resource.ClassNone; result.Changed != want {
		d.t.Errorf("planned %q %+v, changed = %v", plan.Changes[0].Class, plan.Changes[0].Fields, result.Changed)
	}
	return plan.Changes[0], result
}

func (d *desk) delete(r resource.Resolved) *sdk.RunResult {
	d.t.Helper()
	result, err := d.run(r, resource.ActionDelete, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return result
}

func (d *desk) config(project string) map[string]string {
	d.t.Helper()
	p, _, err := d.server.GetProject(project)
	if err != nil {
		d.t.Fatal(err)
	}
	return p.Config
}
