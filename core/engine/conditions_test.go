package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

var (
	refDB      = ref(resource.KindInstance, "db-1")
	refMigrate = ref(resource.KindInstance, "migrate-1")
	refWeb     = ref(resource.KindInstance, "web-1")
)

// office is a project whose web service needs a completed migration, which needs a healthy database. web is restarted
// with the database.
func office() []resource.Declaration {
	return []resource.Declaration{
		{Ref: refDB},
		{Ref: refMigrate, DependsOn: []resource.Edge{edge(refDB, resource.ConditionHealthy)}},
		{Ref: refWeb, DependsOn: []resource.Edge{
			edge(refMigrate, resource.ConditionCompleted),
			{To: refDB, Condition: resource.ConditionStarted, Restart: true},
		}},
	}
}

// withStatus returns the states of decls after a run, some of them in another status. The edges are recorded with them.
func withStatus(decls []resource.Declaration, status string, refs ...resource.Ref) []resource.State {
	states := running(decls)
	for i := range states {
		states[i].DependsOn = decls[i].DependsOn
		if slices.Contains(refs, states[i].Ref) {
			states[i].Status = status
		}
	}
	return states
}

func TestAServiceStartsWhenTheJobItWaitsForHasCompleted(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e, m, o := look(t, w, office())
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{})); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "wait instance/db-1", "start instance/migrate-1")
	before(t, w.calls, "start instance/migrate-1", "complete instance/migrate-1")
	before(t, w.calls, "complete instance/migrate-1", "start instance/web-1")
}

func TestAFailedJobStopsWhatWaitsForIt(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fail["complete instance/migrate-1"] = resource.ErrExited.WithText("ended with exit code 3; its last output:\nno such table\n")
	e, m, o := look(t, w, office())
	for i := range m.Resolved {
		m.Resolved[i].Position = resource.Position{File: "compose.yaml", Line: 7, Path: "services.migrate"}
	}
	var skipped []resource.Ref
	e.emit = event.Serial(func(ev event.Event) {
		if ev.Type == event.Skipped {
			skipped = append(skipped, ev.Ref)
		}
	})
	_, err := e.Apply(t.Context(), Up(m, o, UpOptions{}))
	want := "compose.yaml:7: services.migrate: instance p-migrate-1: ended with exit code 3; p-web-1 waits for it to complete; its last output:\nno such table\n"
	if !errors.Is(err, resource.ErrExited) || err.Error() != want {
		t.Errorf("want the error once, with who waits and the last lines, got %q", err)
	}
	if diff := cmp.Diff([]resource.Ref{refWeb}, skipped); diff != "" || slices.Contains(w.calls, "start instance/web-1") {
		t.Errorf("%q; skipped (-want +got):\n%s", w.calls, diff)
	}
}

func TestAFailedServiceIsNotReportedAsSkippedToo(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fail["start instance/db-1"] = resource.ErrOperation
	e, m, o := look(t, w, office())
	var skipped []string
	e.emit = event.Serial(func(ev event.Event) {
		if ev.Type == event.Skipped {
			skipped = append(skipped, ev.Ref.Name)
		}
	})
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{})); err == nil {
		t.Fatal("want an error")
	}
	slices.Sort(skipped)
	if diff := cmp.Diff([]string{"migrate-1", "web-1"}, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestAnOptionalDependencyThatFailsIsAWarning(t *testing.T) {
	t.Parallel()
	optional := func(c resource.Condition) resource.Edge {
		return resource.Edge{To: refDB, Condition: c, Optional: true}
	}
	worker := ref(resource.KindInstance, "worker-1")
	for _, tt := range []struct {
		name   string
		fail   string
		decls  []resource.Declaration
		opts   UpOptions
		failed bool
	}{
		{"an unhealthy one", "wait instance/db-1", []resource.Declaration{
			{Ref: refDB}, {Ref: refWeb, DependsOn: []resource.Edge{optional(resource.ConditionHealthy)}}}, UpOptions{}, false},
		{"one that does not complete", "complete instance/db-1", []resource.Declaration{
			{Ref: refDB}, {Ref: refWeb, DependsOn: []resource.Edge{optional(resource.ConditionCompleted)}}}, UpOptions{}, false},
		{"one that somebody else needs", "wait instance/db-1", []resource.Declaration{
			{Ref: refDB}, {Ref: refWeb, DependsOn: []resource.Edge{optional(resource.ConditionHealthy)}},
			{Ref: worker, DependsOn: []resource.Edge{edge(refDB, resource.ConditionHealthy)}}}, UpOptions{}, true},
		{"one that somebody else needs, asked first", "wait instance/db-1", []resource.Declaration{
			{Ref: refDB}, {Ref: worker, DependsOn: []resource.Edge{edge(refDB, resource.ConditionHealthy)}},
			{Ref: refWeb, DependsOn: []resource.Edge{optional(resource.ConditionHealthy)}}}, UpOptions{}, true},
		{"one that --wait waits for", "wait instance/db-1", []resource.Declaration{
			{Ref: refWeb, DependsOn: []resource.Edge{optional(resource.ConditionHealthy)}}, {Ref: refDB}}, UpOptions{Wait: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.fail[tt.fail] = resource.ErrUnhealthy.WithText("it failed; its last lines:\nno such table")
			e, m, o := look(t, w, tt.decls)
			warned, last := "", event.Type("")
			e.emit = event.Serial(func(ev event.Event) {
				if ev.Ref == refDB {
					last = ev.Type
				}
				if ev.Type == event.Notice && ev.Level == resource.LevelWarning {
					warned = ev.Text
				}
			})
			_, err := e.Apply(t.Context(), Up(m, o, tt.opts))
			if (err != nil) != tt.failed {
				t.Fatalf("got %v", err)
			}
			if tt.failed {
				return
			}
			if last != event.Skipped {
				t.Errorf("the last event of the wait is %q", last)
			}
			if !strings.Contains(warned, "db-1") || !strings.Contains(warned, "web-1 waits for it") ||
				!strings.HasSuffix(warned, ", but can do without; its last lines:\nno such table") {
				t.Errorf("the warning is %q", warned)
			}
			before(t, w.calls, tt.fail, "start instance/web-1")
		})
	}
}

func TestWaitingForAll(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		states []resource.State
		opts   UpOptions
		want   []string
	}{
		{"a job that others count on is to complete, the rest to be healthy", nil, UpOptions{Wait: true},
			[]string{"complete instance/migrate-1", "wait instance/db-1", "wait instance/web-1"}},
		{"what runs already is waited for, too", running(office()), UpOptions{Wait: true},
			[]string{"complete instance/migrate-1", "wait instance/db-1", "wait instance/web-1"}},
		{"a job that nobody selected waits for is a service like others", running(office()),
			UpOptions{Wait: true, Select: Selection{refMigrate: true}}, []string{"wait instance/migrate-1"}},
		{"nothing is waited for without a start", nil, UpOptions{Wait: true, NoStart: true}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, m, o := look(t, newWorld(tt.states...), office())
			var waits []string
			for _, id := range stepIDs(Up(m, o, tt.opts)) {
				if strings.HasPrefix(id, "wait") || strings.HasPrefix(id, "complete") {
					waits = append(waits, id)
				}
			}
			if diff := cmp.Diff(tt.want, waits); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASecondUpRunsCompletedJobsAgain(t *testing.T) {
	t.Parallel()
	_, m, o := look(t, newWorld(withStatus(office(), resource.StatusStopped, refMigrate)...), office())
	want := []string{"start instance/migrate-1", "wait instance/db-1"}
	if diff := cmp.Diff(want, stepIDs(Up(m, o, UpOptions{}))); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestStartHonoursConditions(t *testing.T) {
	t.Parallel()
	states := withStatus(office(), resource.StatusStopped, refMigrate, refWeb)
	w := newWorld(states...)
	e := New(Config{Plugins: w})
	o, err := e.Observe(t.Context(), NewModel(nil), []resource.Kind{resource.KindInstance}, resource.NewOptions())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Apply(t.Context(), Start(NewModel(nil), o, PowerOptions{})); err != nil {
		t.Fatal(err)
	}
	want := []string{"plan instance", "wait instance/db-1", "start instance/migrate-1", "complete instance/migrate-1", "start instance/web-1"}
	if diff := cmp.Diff(want, w.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestAConditionThatThePluginCannotTellIsRefused(t *testing.T) {
	t.Parallel()
	net := ref(resource.KindNetwork, "default") // the fakes' networks can neither be healthy nor complete
	for c, words := range map[resource.Condition]string{
		resource.ConditionHealthy: "to be healthy", resource.ConditionCompleted: "to complete",
	} {
		_, err := New(Config{Plugins: newWorld()}).Resolve(t.Context(), []resource.Declaration{
			{Ref: net}, {Ref: refWeb, DependsOn: []resource.Edge{edge(net, c)}},
		})
		if !errors.Is(err, resource.ErrUnsupportedAction) || !strings.Contains(err.Error(), `network "default" `+words) {
			t.Errorf("%s: got %v", c, err)
		}
	}
}
