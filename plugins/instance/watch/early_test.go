package watch

import (
	"context"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

func TestAnEndDuringAStartIsOneOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(f *fake, web Key){
		"the server has restarted it": func(f *fake, web Key) { f.happens(web, actionRestarted, false, stillborn) },
		"the server has started it":   func(f *fake, web Key) { f.happens(web, actionStarted, false, stillborn) },
		"somebody has started it":     func(f *fake, web Key) { f.happens(web, actionStarted, true, stillborn) },
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, f *fake) {
				web := f.add("web", restarts("always"))
				watching(t, f, func() {
					begin(f, web)
					after(time.Minute)
				})
				f.wants(t, "3.1s web started")
			})
		})
	}
}

func TestTheDaemonsOwnStartsThatEndAtOnceAreCountedAndMadeAgain(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", restarts("on-failure:3"))
		watching(t, f, func() {
			f.stillborn = 5
			f.ends(web)
			after(time.Hour)
		})
		f.wants(t, "100ms web started", "3.3s web started", "6.7s web started")
	})
}

func TestAnEndOnTheWayDownIsWaitedFor(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", restarts("always"))
		watching(t, f, func() {
			f.happens(web, actionRestarted, false, func(i *api.Instance) {
				started(i)
				i.StatusCode = api.Stopping
			})
			after(10 * time.Second)
			f.silently(web, stopped)
			after(time.Minute)
		})
		f.wants(t, "14.1s web started")
	})
}

func TestWhatIsStoppedRightAfterItsStartStaysStopped(t *testing.T) {
	t.Parallel()
	for _, action := range []string{actionShutdown, actionStopped} {
		t.Run(action, func(t *testing.T) {
			in(t, func(t *testing.T, f *fake) {
				web := f.add("web", restarts("always"))
				watching(t, f, func() {
					f.happens(web, actionStarted, true, stillborn)
					after(quiet - time.Millisecond) // that long until the server tells of it
					f.happens(web, action, true, stopped)
					after(time.Hour)
				})
				f.wants(t)
			})
		})
	}
}

func TestWhatMayHaveBeenStoppedWhileTheStreamWasLostStaysStopped(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		web := f.add("web", restarts("always"))
		watching(t, f, func() {
			f.happens(web, actionStarted, true, stillborn)
			after(time.Second)
			f.setMute(true)
			f.loses()
			after(time.Minute) // nobody hears of a stop, but the instance can be read
			f.setMute(false)
			after(time.Hour)
		})
		f.wants(t)
	})
}

func TestWhatTheServerIsStillStartingHasNotStopped(t *testing.T) {
	in(t, func(t *testing.T, f *fake) {
		config := tested()
		config[spec.KeyRestart] = "always"
		web := f.add("web", config)
		watching(t, f, func() {
			after(500 * time.Millisecond)
			f.happens(web, actionStarted, true, stillborn)
			after(1500 * time.Millisecond)
			f.silently(web, func(i *api.Instance) { i.StatusCode = api.Running })
			after(time.Minute)
		})
		f.wants(t, "0s web starting", "2.5s web starting", "2.5s web healthy")
	})
}

func TestAFindingDoesNotReachWhatHasOptedOutMeanwhile(t *testing.T) {
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
			after(1500 * time.Millisecond)                                                          // the test is under way
			f.silently(web, func(i *api.Instance) { i.Config[resource.HealthDaemonKey] = "false" }) // the event is still on its way
			close(release)
			after(time.Minute)
		})
		f.wants(t, "0s web starting")
		if got := f.config(web, resource.HealthDaemonKey); got != "false" {
			t.Errorf("the opt-out has become %q", got)
		}
	})
}
