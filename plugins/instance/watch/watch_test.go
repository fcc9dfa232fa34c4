package watch

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// in runs a test with a fake server in synctest's time.
func in(t *testing.T, test func(*testing.T, *fake)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, newFake()) })
}

func (f *fake) wants(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, f.happened()); diff != "" {
		t.Errorf("what happened (-want +got):\n%s", diff)
	}
}

func TestWhatEndsByItselfIsStartedAgainAfterDockersPauses(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", restarts("always"))
		watching(t, f, func() {
			for range 4 {
				f.ends(web)
				after(time.Second)
			}
			after(steady) // it has run long enough for the pauses to be short again
			f.ends(web)
			after(time.Second)
		})
		f.wants(t, "100ms web started", "1.2s web started", "2.4s web started", "3.8s web started", "14.1s web started")
	})
}

func TestWhatWasStoppedStaysStopped(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web, db := f.add("web", restarts("always")), f.add("db", restarts("always"))
		watching(t, f, func() {
			f.happens(web, actionShutdown, true, stopped)
			f.happens(db, actionStopped, true, stopped)
			after(time.Hour)
		})
		f.wants(t)
	})
}

func TestOnFailureIsBounded(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", restarts("on-failure:2"))
		watching(t, f, func() {
			for range 4 {
				f.ends(web)
				after(time.Second)
			}
			f.happens(web, actionStarted, true, started) // somebody's start begins anew, a restart of the server's counts
			f.happens(web, actionRestarted, false, started)
			after(time.Second)
			f.ends(web)
			after(time.Second)
			f.ends(web)
			after(time.Hour)
		})
		f.wants(t, "100ms web started", "1.2s web started", "5.1s web started")
	})
}

func TestAStartOfTheServersBeginsAnew(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", restarts("on-failure:1"))
		watching(t, f, func() {
			f.ends(web)
			after(time.Second)
			f.happens(web, actionStarted, false, started) // as when its host has come up again
			f.ends(web)
			after(time.Second)
			f.ends(web)
			after(time.Hour)
		})
		f.wants(t, "100ms web started", "1.1s web started")
	})
}

func TestAFailedStartIsTriedAgain(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", restarts("on-failure:1"))
		watching(t, f, func() {
			f.ends(web)
			synctest.Wait()
			f.setAway(true)
			after(650 * time.Millisecond) // tried after 100, 300 and 700 ms
			f.setAway(false)
			after(time.Second)
		})
		f.wants(t, "700ms web started")
	})
}

func TestHealthIsRecordedWhenItChanges(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", tested())
		var fails atomic.Bool
		f.test = func(context.Context, *api.Instance) (int, string, error) {
			if fails.Load() {
				return 1, "no", nil
			}
			return 0, "", nil
		}
		watching(t, f, func() {
			after(5500 * time.Millisecond)
			fails.Store(true)
			after(5 * time.Second)
			f.happens(web, actionStopped, true, stopped)
			after(time.Second)
			fails.Store(false)
			f.happens(web, actionStarted, true, started)
			after(2 * time.Second)
		})
		f.wants(t, "0s web starting", "1s web healthy", "7s web unhealthy", "10.5s web stopped", "11.5s web starting", "12.5s web healthy")
		if got := f.config(web, observe.KeyHealthRun); got != runOf(f, web) {
			t.Errorf("the status is about the run %s, not %s", got, runOf(f, web))
		}
	})
}

func TestATestOfAnotherRunTellsNothing(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(f *fake, web Key){
		"the instance was made anew":     func(f *fake, _ Key) { f.add("web", tested()) },
		"the instance was started again": func(f *fake, web Key) { started(f.instances[web]) },
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, f *fake) {
				web := f.add("web", tested())
				release := make(chan struct{})
				f.test = func(ctx context.Context, _ *api.Instance) (int, string, error) {
					select {
					case <-release:
						return 0, "", nil
					case <-ctx.Done():
						return 0, "", ctx.Err()
					}
				}
				watching(t, f, func() {
					after(1500 * time.Millisecond) // the test is under way
					replace(f, web)                // of which no event comes
					close(release)
					after(100 * time.Millisecond)
					if slices.Contains(f.happened(), "1.5s web healthy") {
						t.Error("the new run is called healthy because of a test of the old one")
					}
					after(5 * time.Second)
				})
				if got := f.config(web, resource.HealthStatusKey); got != resource.HealthHealthy || f.config(web, observe.KeyHealthRun) != runOf(f, web) {
					t.Errorf("the new run is called %q after 5 s", got)
				}
			})
		})
	}
}

func TestTheWatchSurvivesTheLossOfTheStream(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web, db := f.add("web", tested()), f.add("db", restarts("always"))
		watching(t, f, func() {
			after(2 * time.Second)
			f.ends(db)
			synctest.Wait()
			f.setAway(true)
			f.loses()
			after(3 * time.Second)
			f.happens(web, actionStopped, true, stopped) // nobody hears that
			late := f.add("late", tested())
			f.setAway(false)
			after(15 * time.Second)
			if got := f.config(web, resource.HealthStatusKey); got != resource.HealthStopped {
				t.Errorf("web, which stopped meanwhile, is called %s", got)
			}
			if got := f.config(late, resource.HealthStatusKey); got != resource.HealthHealthy {
				t.Errorf("what was made meanwhile is called %s", got)
			}
			if got := f.instances[db].StatusCode; got != api.Running {
				t.Errorf("db, whose restart was due when the server went away, is %s", got)
			}
		})
	})
}

func TestWhatIsKnownOfARunIsNotFoundOutAgain(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", tested())
		watching(t, f, func() { after(2 * time.Second) })
		watching(t, f, func() { after(2 * time.Second) })
		f.wants(t, "0s web starting", "1s web healthy")
		if got := f.config(web, resource.HealthDaemonKey); got != "" {
			t.Errorf("the marker is still there: %q", got)
		}
	})
}

func TestOnlyWhatIsToBeWatchedIsTouched(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		with := func(key, value string) map[string]string {
			config := tested()
			config[spec.KeyRestart] = "always"
			config[key] = value
			return config
		}
		keys := []Key{
			f.add("foreign", with(resource.KeyProject, "")), f.add("supervised", with(initspec.Key, "{}")),
			f.add("optedout", with(resource.HealthDaemonKey, "false")), f.add("other", with(resource.KeyProject, "other")),
			f.add("plain", nil),
		}
		before := map[Key]string{}
		for _, key := range keys {
			before[key] = f.config(key, resource.HealthDaemonKey)
		}
		watching(t, f, func() {
			after(3 * time.Second)
			for _, key := range keys {
				f.ends(key)
			}
			after(3 * time.Second)
			for _, key := range keys {
				if got := f.config(key, resource.HealthDaemonKey); got != before[key] {
					t.Errorf("%s is marked %q", key.Name, got)
				}
			}
		}, "shop")
		f.wants(t)
	})
}

func TestAnInstanceThatOptsOutIsLeft(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", tested())
		var tests atomic.Int32
		f.test = func(context.Context, *api.Instance) (int, string, error) {
			tests.Add(1)
			return 0, "", nil
		}
		watching(t, f, func() {
			after(1500 * time.Millisecond)
			if got := f.config(web, resource.HealthDaemonKey); got != "true" {
				t.Errorf("a watched instance is marked %q", got)
			}
			f.happens(web, actionUpdated, true, func(i *api.Instance) { i.Config[resource.HealthDaemonKey] = "false" })
			before := tests.Load()
			after(10 * time.Second)
			if again := tests.Load() - before; again > 0 || before == 0 {
				t.Errorf("it was tested %d times, and %d times more after it had opted out", before, again)
			}
		})
		f.wants(t, "0s web starting", "1s web healthy")
		if got := f.config(web, resource.HealthDaemonKey); got != "false" {
			t.Errorf("the opt-out has become %q", got)
		}
	})
}

func TestPausedChecksRest(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", tested())
		set := func(value string) {
			f.happens(web, actionUpdated, true, func(i *api.Instance) { i.Config[resource.HealthStoppedKey] = value })
		}
		set("true")
		watching(t, f, func() {
			after(10 * time.Second)
			set("")
			after(2 * time.Second)
		})
		f.wants(t, "10s web starting", "10s web healthy")
	})
}

func TestAServerThatIsNotThereAtTheBeginningIsAnError(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		f.setAway(true)
		w := &Watcher{Source: f, Instances: f, Sink: resource.Discard{}}
		if err := w.Run(t.Context()); !errors.Is(err, resource.ErrConnectionFailed) {
			t.Errorf("it ended with %v", err)
		}
	})
}

func TestPoliciesAreComposes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]policy{
		"": {}, "no": {}, "always": {again: true}, "always:2": {again: true, most: 2}, "unless-stopped": {again: true}, "on-failure": {again: true},
		"on-failure:3": {again: true, most: 3}, "on-failure:x": {again: true}, "nonsense": {},
	} {
		if got := parsePolicy(text); got != want {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}

func TestEventsAreRead(t *testing.T) {
	t.Parallel()
	const from = `{"type":"lifecycle","timestamp":"2026-11-22T19:06:50.924Z","project":"p","metadata":`
	tests := []struct {
		name, raw string
		want      Event
		ok        bool
	}{
		{"an end that nobody asked for", from + `{"action":"instance-shutdown","source":"/1.0/instances/web?project=p","name":"web","project":"p"}}`,
			Event{Key: Key{"p", "web"}, Action: actionShutdown, At: time.Date(2026, 11, 22, 19, 6, 50, 924e6, time.UTC)}, true},
		{"an end that somebody asked for", from + `{"action":"instance-shutdown","name":"web","project":"p","requestor":{"username":"root","protocol":"unix","address":"@"}}}`,
			Event{Key: Key{"p", "web"}, Action: actionShutdown, At: time.Date(2026, 11, 22, 19, 6, 50, 924e6, time.UTC), Asked: true}, true},
		{"a command in an instance", from + `{"action":"instance-exec","name":"web","project":"p"}}`, Event{}, false},
		{"rubbish", `{"type":"lifecycle","metadata":7}`, Event{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := parseEvent([]byte(tt.raw))
			if ok != tt.ok || ok && !cmp.Equal(got, tt.want) {
				t.Errorf("%+v, %v", got, ok)
			}
		})
	}
}
