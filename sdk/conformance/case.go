package conformance

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Case is what a provider is tried with.
type Case struct {
	// New makes the provider anew, as a restart of the plugin does.
	New func() sdk.Provider
	// Settings are those of the plugin; without IncusSocket, nothing is said about its requests.
	Settings sdk.Settings
	// Declarations are valid ones, each after those that it depends on.
	Declarations []resource.Declaration
	// Inputs are the outputs of resources of other plugins that the declarations depend on.
	Inputs []resource.Input
	// Options are those of plans and runs. Create and Force are set as each check needs them.
	Options resource.Options
	// Watch begins to watch the server and returns a function that fails the test if it has changed since.
	Watch func(t testing.TB) (quiet func())
	// Volatile names outputs that differ from one look to the next by their nature, such as "uptime".
	Volatile []string
	// Shared says that the objects are not this Compose project's alone, as pulled images are not: they do not show up
	// undeclared.
	Shared bool
	// MaxPlanRequests bounds the requests of one Plan when there is an IncusSocket; 0 means 3.
	MaxPlanRequests int
}

// Declare returns a declaration; config is anything that encodes to the kind's configuration.
func Declare(kind resource.Kind, name string, config any, edges ...resource.Edge) resource.Declaration {
	raw, err := json.Marshal(config)
	if err != nil {
		panic("conformance: encoding the configuration of " + name + ": " + err.Error())
	}
	return resource.Declaration{
		Ref: resource.Ref{Kind: kind, Name: name}, Config: raw, DependsOn: edges,
		Position: resource.Position{File: "compose.yaml", Path: string(kind) + "." + name},
	}
}

// Needs returns an edge to a resource that must exist before.
func Needs(kind resource.Kind, name string) resource.Edge {
	return resource.Edge{To: resource.Ref{Kind: kind, Name: name}, Condition: resource.ConditionEnsured}
}

// check is one promise of the protocol and the way to try it.
type check struct {
	name string
	try  func(t testing.TB, s *subject)
}

// checks returns all checks, those that ask nobody first.
func checks() []check {
	return []check{
		{"Describe always says the same", describePure},
		{"kinds, actions and verbs are well formed", describeSane},
		{"schemas accept the declared configurations", schemasAccept},
		{"Resolve answers every declaration once", resolveComplete},
		{"Resolve needs no server", resolveOffline},
		{"Resolve does not depend on the order", resolveOrder},
		{"unknown fields are refused by name", refuseUnknownField},
		{"unknown actions are refused", refuseUnknownAction},
		{"unknown kinds are refused", refuseUnknownKind},
		{"Plan reports what is missing and changes nothing", planMissing},
		{"nothing is created without permission", ensureNotAllowed},
		{"ensure creates, once", ensureOnce},
		{"ensure asks for nothing but its request", ensureWithoutPlan},
		{"Plan asks a fixed number of questions", planQuestions},
		{"a look sees what a plan sees", lookIsPlan},
		{"what can be started can be stopped", startAndStop},
		{"delete deletes, and deletes what is gone", deleteTwice},
		{"undeclared objects are seen and deleted", undeclared},
		{"a cancelled ensure leaves nothing", cancelled},
	}
}

// Provider fails the test for each promise that p does not keep.
func Provider(t *testing.T, p sdk.Provider, c Case) {
	t.Helper()
	for _, way := range []struct {
		name string
		open opener
	}{{"in process", inProcess}, {"over the wire", overTheWire}} {
		t.Run(way.name, func(t *testing.T) {
			for _, one := range checks() {
				t.Run(one.name, func(t *testing.T) {
					one.run(t, &subject{Case: c, provider: p, open: way.open, patience: undoTime})
				})
			}
		})
	}
}

// run tries one promise and leaves the server as it was.
func (one check) run(t testing.TB, s *subject) {
	t.Helper()
	defer s.clear(t)
	one.try(t, s)
}

// kinds returns the kinds of the declarations in the order in which they come.
func (c *Case) kinds() []resource.Kind {
	var kinds []resource.Kind
	for _, d := range c.Declarations {
		if !slices.Contains(kinds, d.Kind) {
			kinds = append(kinds, d.Kind)
		}
	}
	return kinds
}

// options returns the options of the case with Create set.
func (c *Case) options() resource.Options {
	o := c.Options
	o.Create = true
	return o
}
