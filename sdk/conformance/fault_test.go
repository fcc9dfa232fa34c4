package conformance

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// listener stands for a test whose failures are wanted: it keeps their text instead of failing.
type listener struct {
	*testing.T
	mu   sync.Mutex
	text strings.Builder
}

func (l *listener) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, format+"\n", args...)
}
func (l *listener) Error(args ...any) { l.Errorf("%s", fmt.Sprint(args...)) }
func (l *listener) Fatalf(format string, args ...any) {
	l.Errorf(format, args...)
	runtime.Goexit()
}
func (l *listener) Fatal(args ...any) { l.Fatalf("%s", fmt.Sprint(args...)) }
func (l *listener) Failed() bool      { return l.said() != "" }
func (l *listener) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// failures tries one promise and returns what is said against the provider.
func failures(t *testing.T, s *subject, name string) string {
	t.Helper()
	for _, one := range checks() {
		if one.name != name {
			continue
		}
		l := &listener{T: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			one.try(l, s)
		}()
		<-done
		return l.said()
	}
	t.Fatalf("there is no check %q", name)
	return ""
}

func boxes(h *warehouse, fault string) Case {
	return Case{
		New:      func() sdk.Provider { return &keeper{fault: fault} },
		Settings: sdk.Settings{IncusSocket: h.socket, ComposeProject: "shop"},
		Watch:    func(t testing.TB) func() { return h.quiet(t) },
		Declarations: []resource.Declaration{
			Declare(kindBox, "one", boxConfig{Text: "1"}),
			Declare(kindBox, "two", boxConfig{Text: "2"}, Needs(kindBox, "one")),
			Declare(kindBox, "three", boxConfig{Text: "3"}),
		},
	}
}

func TestAGoodProviderPasses(t *testing.T) {
	t.Parallel()
	h := newWarehouse(t)
	c := boxes(h, "")
	Provider(t, c.New(), c)
	if len(h.boxes) > 0 {
		t.Errorf("the kit has left %v", h.boxes)
	}
}

// faults are what providers do wrong, by the check that has to notice it, with a part of what it says.
func faults() map[string][][2]string {
	return map[string][][2]string{
		"Describe always says the same": {
			{"says something else each time", "the second time"}, {"describes its settings", "depends on the settings"},
		},
		"kinds, actions and verbs are well formed": {
			{"a bad name", "The Keeper"}, {"no summary", "summary"}, {"no priority", "priority 0"}, {"cannot delete", `no action "delete"`},
			{"cannot stop", "only one of"}, {"an action twice", "there twice"}, {"describes calls it has not", "does not implement"},
			{"another kind", "does not describe"},
		},
		"schemas accept the declared configurations": {
			{"no schema", "no schema"}, {"a schema that is none", "reading the schema"}, {"an old schema", "draft-07"},
			{"a schema that refuses all", "colour"}, {"another kind", "does not describe"},
		},
		"Resolve answers every declaration once": {
			{"answers twice", "2 times"}, {"answers only the first", "0 times"}, {"a name with a space", "the name"},
			{"another priority", "priority 8"}, {"an action that is not described", "shake"}, {"loses the position", "comes back from"},
			{"loses edges", "lost its edge"}, {"loses configurations", "without a configuration"},
		},
		"Resolve needs no server":              {{"names by socket", "without a socket"}, {"resolves with the server only", "not connected"}},
		"Resolve does not depend on the order": {{"names by number", "order"}},
		"unknown fields are refused by name": {
			{"ignores unknown fields", "takes a field"}, {"does not name the unknown field", "does not name the unknown field"},
			{"does not name the resource", "does not name box/one"}, {"another sentinel for unknown fields", "operation"},
			{"a schema that takes all", "allows any field"},
		},
		"unknown actions are refused": {{"knows any action", "succeeds"}, {"actions do not name the resource", "does not name"}},
		"unknown kinds are refused":   {{"plans any kind", "Plan of an unknown kind"}, {"runs any kind", "unknown kind"}},
		"Plan reports what is missing and changes nothing": {
			{"plans with its hands", "changes of the server"}, {"sees what is not there", "exists: true"}, {"gives no reason", `because ""`},
			{"no state of what is missing", "0 states"}, {"another name in the plan", `"shop-one-x"`}, {"an unknown class", "perhaps"},
		},
		"nothing is created without permission": {{"needs no permission", "succeeds"}, {"actions do not name the resource", "does not name"}},
		"ensure creates, once": {
			{"says nothing was created", "created: false"}, {"says something has changed", "changed: true"}, {"writes always", "changes of the server"},
			{"other outputs the second time", "puts out something else"}, {"other outputs in the plan", "Plan puts out"}, {"is never content", `"live"`},
			{"believes its memory", "created: true"}, {"asks for ever", "not among the inputs"}, {"a schema of other outputs", "colour"},
		},
		"ensure asks for nothing but its request": {{"believes the plan", "created: true"}},
		"Plan asks a fixed number of questions": {
			{"asks for each box", "and Plan of one"}, {"asks twice", "asks twice"}, {"plans with its hands", "DELETE"},
		},
		"a look sees what a plan sees":       {{"looks away", "with a snapshot"}},
		"what can be started can be stopped": {{"starts twice", "second start"}, {"does not stop", `"stopped"`}},
		"delete deletes, and deletes what is gone": {
			{"deletes nothing", "exists: true"}, {"cannot delete what is gone", "not found"}, {"deletes twice", "something changed"},
			{"deletes without a word", "nothing changed"},
		},
		"undeclared objects are seen and deleted": {
			{"hides orphans", "no state"}, {"hides orphans beside others", "no state"}, {"renames orphans", "no state"},
			{"calls two orphans the same", "2 states"},
			{"calls orphans declared", "declared: true"}, {"orphans persist", "another one"}, {"deletes with a configuration only", "missing"},
		},
		"a cancelled ensure leaves nothing": {
			{"leaves half a box", "leaves it behind"}, {"does not mind the end of its context", "context ended before"},
			{"fails for another reason", "operation failed"},
		},
	}
}

// seenOnly are the faults that show in one way alone: those of memory need a plugin that is or is not started anew, and
// what a cancelled action says does not come through a connection that is closed.
func seenOnly() map[string]string {
	return map[string]string{
		"believes its memory":                  "in process",
		"says something else each time":        "over the wire",
		"does not mind the end of its context": "in process",
		"fails for another reason":             "in process",
	}
}

func TestEachFaultIsNoticed(t *testing.T) {
	t.Parallel()
	all := faults()
	for _, one := range checks() {
		if len(all[one.name]) == 0 {
			t.Errorf("no fault is known for %q", one.name)
		}
	}
	for check, list := range all {
		for _, f := range list {
			for way, open := range map[string]opener{"in process": inProcess, "over the wire": overTheWire} {
				if only := seenOnly()[f[0]]; only != "" && only != way {
					continue
				}
				t.Run(check+"/"+f[0]+"/"+way, func(t *testing.T) {
					t.Parallel()
					c := boxes(newWarehouse(t), f[0])
					said := failures(t, &subject{Case: c, provider: c.New(), open: open, patience: time.Second}, check)
					if !strings.Contains(said, f[1]) {
						t.Errorf("it says %q, want %q", said, f[1])
					}
				})
			}
		}
	}
}
