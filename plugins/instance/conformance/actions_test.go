//go:build incus

package conformance

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// service returns the configuration of a service's first replica that sleeps.
func (l *lab) service(name, image string, command ...string) kinds.InstanceConfig {
	l.t.Helper()
	l.image(image)
	c := kinds.InstanceConfig{Project: l.project, Service: name, Number: 1, Image: image, NetworkMode: "none"}
	if len(command) > 0 {
		c.Entrypoint, c.EntrypointSet = command, true
	}
	return c
}

// sleeper is a service that does nothing for long.
func (l *lab) sleeper(name string) kinds.InstanceConfig {
	return l.service(name, "busybox", "sleep", "100000")
}

func ref(c kinds.InstanceConfig) resource.Ref {
	return resource.Ref{Kind: resource.KindInstance, Name: c.Service + "-" + itoa(c.Number)}
}

func itoa(n int) string { return strconv.Itoa(n) }

func (l *lab) resolve(configs ...kinds.InstanceConfig) []resource.Resolved {
	l.t.Helper()
	var decls []resource.Declaration
	for _, c := range configs {
		raw, err := json.Marshal(c)
		if err != nil {
			l.t.Fatal(err)
		}
		decls = append(decls, resource.Declaration{Ref: ref(c), Config: raw})
	}
	r, err := l.provider.Resolve(l.t.Context(), decls)
	if err != nil {
		l.t.Fatalf("resolving: %v", err)
	}
	for _, d := range r.Diagnostics {
		if d.Severity == resource.SeverityError {
			l.t.Fatalf("resolving: %s (%s)", d.Text, d.Hint)
		}
	}
	return r.Resolved
}

func (l *lab) inputs() []resource.Input {
	var in []resource.Input
	for ref, out := range l.outputs {
		in = append(in, resource.Input{Ref: ref, Outputs: out})
	}
	return in
}

func (l *lab) plan(configs ...kinds.InstanceConfig) *sdk.PlanResult {
	l.t.Helper()
	p, err := l.provider.Plan(l.t.Context(), sdk.PlanRequest{Kind: resource.KindInstance, Resolved: l.resolve(configs...), Inputs: l.inputs()})
	if err != nil {
		l.t.Fatalf("planning: %v", err)
	}
	return p
}

// change returns the planned change of one declared instance.
func (l *lab) change(c kinds.InstanceConfig) resource.Change {
	l.t.Helper()
	p := l.plan(c)
	for _, d := range p.Diagnostics {
		l.t.Fatalf("planning: %s", d.Text)
	}
	return p.Changes[0]
}

// settled checks that the plan finds nothing to do any more.
func (l *lab) settled(c kinds.InstanceConfig) {
	l.t.Helper()
	if change := l.change(c); change.Class != resource.ClassNone {
		l.t.Errorf("afterwards the plan says %s: %+v", change.Class, change.Fields)
	}
}

// run plans and runs one action, as the core does.
func (l *lab) run(c kinds.InstanceConfig, action resource.Action, o resource.Options) (*sdk.RunResult, *sink, error) {
	l.t.Helper()
	p := l.plan(c)
	s := &sink{}
	result, err := l.provider.Run(l.t.Context(), sdk.RunRequest{
		Resource: l.resolve(c)[0], Action: action, Change: p.Changes[0], State: p.States[0], Inputs: l.inputs(), Options: o,
	}, s)
	return result, s, err
}

func (l *lab) must(c kinds.InstanceConfig, action resource.Action) *sdk.RunResult {
	l.t.Helper()
	result, _, err := l.run(c, action, resource.Options{Create: true})
	if err != nil {
		l.t.Fatalf("%v (hint: %s)", err, resource.Hint(err))
	}
	return result
}

// up ensures and starts the instance.
func (l *lab) up(c kinds.InstanceConfig) kinds.InstanceOutputs {
	l.t.Helper()
	l.must(c, resource.ActionEnsure)
	return outputs(l.t, l.must(c, resource.ActionStart).Outputs)
}

func (l *lab) down(c kinds.InstanceConfig) {
	l.t.Helper()
	l.must(c, resource.ActionStop)
	l.must(c, resource.ActionDelete)
}

func outputs(t *testing.T, raw json.RawMessage) kinds.InstanceOutputs {
	t.Helper()
	var out kinds.InstanceOutputs
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatalf("reading outputs: %v", err)
		}
	}
	return out
}

// state returns the state of a declared instance.
func (l *lab) state(c kinds.InstanceConfig) resource.State {
	l.t.Helper()
	return l.plan(c).States[0]
}

// log returns what the instance has written so far.
func (l *lab) log(c kinds.InstanceConfig) string {
	l.t.Helper()
	_, s, err := l.run(c, resource.ActionLog, resource.Options{Tail: -1})
	if err != nil {
		l.t.Fatalf("reading the log: %v", err)
	}
	return s.text()
}

// waitLog waits until the log contains the text, and returns it whole.
func (l *lab) waitLog(c kinds.InstanceConfig, text string) string {
	l.t.Helper()
	log, has := "", func(l string) bool { return strings.Contains(l, text) }
	for until := time.Now().Add(patience); !has(log); time.Sleep(pause) {
		if log = l.log(c); !has(log) && time.Now().After(until) {
			l.t.Fatalf("not in time: the log contains %q; it is %q", text, log)
		}
	}
	return log
}
