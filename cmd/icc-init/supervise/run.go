package supervise

import (
	"context"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/launch"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/stdio"
	"github.com/icc-project/icc/sdk/initspec"
)

const (
	// sweepPatience is what processes that outlive the main process get between SIGTERM and SIGKILL.
	sweepPatience = 500 * time.Millisecond
	// drainPatience bounds the wait for output after all who could write it were ended.
	drainPatience = 2 * time.Second
	// farewell bounds the wait for attached clients that are slow to take the last output and the end.
	farewell = 10 * time.Second
	// standstill bounds the wait for those that take nothing.
	standstill = 2 * time.Second
)

// Run runs the command until it has ended for good, and returns its exit code. CloseLog flushes the log before the end
// is told, so that who hears of it can read all.
func (s *Service) Run(closeLog func()) int {
	if s.Spec.AwaitAttach {
		select {
		case <-s.Hub.Attached():
		case <-s.quit:
		}
	}
	o := outcome{reason: initspec.ReasonExited} // when it is stopped before the first start
	for first := true; ; first = false {
		if s.left() {
			return s.finish(o, closeLog)
		}
		o = s.once()
		delay, again, renewed := s.next(o)
		failed := first && o.reason == initspec.ReasonStartFailed // is a mistake, which trying again does not mend
		if !again || failed || s.byHand(o) {
			return s.finish(o, closeLog)
		}
		s.Settings.State.Update(func(st *initspec.State) { o.record(st); st.Phase = initspec.PhaseRestarting })
		if !s.pause(o, delay, renewed) {
			return s.finish(o, closeLog)
		}
		s.Settings.State.Update(func(st *initspec.State) { st.Restarts++ })
	}
}

// once is one run of the command, to the end of its output.
func (s *Service) once() outcome {
	process, ends, err := stdio.Open(s.Spec.TTY, s.Spec.Stdin)
	if err != nil {
		return notStarted(err)
	}
	connection := stdio.Connect(ends, s.Log, s.Hub)
	defer connection.End(drainPatience)
	kills, start := oomKills(), time.Now()
	p, err := launch.Start(s.Reaper, s.Spec, process, s.Spec.TTY)
	stdio.CloseAll(process)
	if err != nil {
		return notStarted(err)
	}
	s.adopt(p)
	s.Settings.State.Update(func(st *initspec.State) {
		st.Phase, st.PID, st.StartedAt = initspec.PhaseRunning, p.PID, start.UTC()
	})
	unwatch := s.Watch()
	<-p.Done()
	o := ended(p.Status(), time.Since(start), kills, oomKills())
	unwatch()
	proc.Sweep(sweepPatience)
	s.drop()
	return o
}

// drop forgets the process that has ended; what is remembered of signals stays for byHand.
func (s *Service) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process = nil
}

func (s *Service) finish(o outcome, closeLog func()) int {
	closeLog()
	if o.at.IsZero() {
		o.at = time.Now()
	}
	s.Settings.State.Update(func(st *initspec.State) {
		o.record(st)
		st.Phase = initspec.PhaseExited
		if o.reason == initspec.ReasonStartFailed {
			st.Phase = initspec.PhaseFailed
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	s.Hub.End(ctx, o.code, standstill)
	return o.code
}
