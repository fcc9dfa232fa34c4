package supervise

import (
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

func service(r initspec.Restart) *Service {
	return New(Settings{Spec: &initspec.Spec{Restart: r}, Warn: func(error) {}})
}

func failure() outcome { return outcome{at: time.Now(), code: 1} }

func TestAnotherPolicyCountsFromTheNextEndOn(t *testing.T) {
	t.Parallel()
	s := service(initspec.Restart{})
	if _, again, _ := s.next(failure()); again {
		t.Fatal("it was restarted without a policy")
	}
	s.Adopt(&initspec.Spec{Restart: initspec.Restart{Policy: initspec.RestartOnFailure}})
	if _, again, _ := s.next(failure()); !again {
		t.Error("on-failure does not count")
	}
	if _, again, _ := s.next(outcome{}); again {
		t.Error("on-failure counts for a success")
	}
	s.Adopt(&initspec.Spec{Restart: initspec.Restart{Policy: initspec.RestartOnFailure, MaxAttempts: 1}})
	if _, again, _ := s.next(failure()); again {
		t.Error("the attempts made before were forgotten")
	}
}

func TestARestartThatIsWaitedForFollowsThePolicy(t *testing.T) {
	t.Parallel()
	always := initspec.Restart{Policy: initspec.RestartAlways, Delay: time.Hour}
	for name, tc := range map[string]struct {
		change initspec.Restart
		want   bool
	}{
		"no restart any more":     {initspec.Restart{Policy: initspec.RestartNo}, false},
		"too many attempts":       {initspec.Restart{Policy: initspec.RestartOnFailure, MaxAttempts: 2}, false},
		"a shorter delay":         {initspec.Restart{Policy: initspec.RestartAlways, Delay: time.Millisecond}, true},
		"a shorter one, the last": {initspec.Restart{Policy: initspec.RestartOnFailure, MaxAttempts: 3, Delay: time.Millisecond}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(always)
			for range 2 {
				s.next(failure())
			}
			delay, _, renewed := s.next(failure())
			came := make(chan bool, 1)
			go func() { came <- s.pause(failure(), delay, renewed) }()
			s.Adopt(&initspec.Spec{Restart: always}) // changes nothing
			s.Adopt(&initspec.Spec{Restart: tc.change})
			select {
			case got := <-came:
				if got != tc.want {
					t.Errorf("the restart came: %v", got)
				}
			case <-time.After(time.Minute):
				t.Error("it still waits")
			}
		})
	}
}

func TestAPolicyThatChangesJustAfterTheDecisionIsNotMissed(t *testing.T) {
	t.Parallel()
	s := service(initspec.Restart{Policy: initspec.RestartAlways, Delay: time.Hour})
	delay, _, renewed := s.next(failure())
	s.Adopt(&initspec.Spec{})
	if s.pause(failure(), delay, renewed) {
		t.Error("it was restarted")
	}
}

func TestTheStopIsTheLatestOrders(t *testing.T) {
	t.Parallel()
	s := service(initspec.Restart{})
	s.Grace(time.Hour) // for one stop
	s.Adopt(&initspec.Spec{StopSignal: "USR1"})
	if s.stopSignal() != syscall.SIGUSR1 || s.grace != time.Hour {
		t.Errorf("the signal is %v and the grace period %v", s.stopSignal(), s.grace)
	}
	minute := time.Minute
	s.Adopt(&initspec.Spec{Grace: &minute})
	if s.stopSignal() != syscall.SIGTERM || s.grace != time.Minute {
		t.Errorf("the signal is %v and the grace period %v", s.stopSignal(), s.grace)
	}
}
