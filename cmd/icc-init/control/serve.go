package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/cmd/icc-init/control/socket"
	"github.com/icc-project/icc/sdk/initspec"
)

const (
	// askTime is how long an applet may take to say what it wants.
	askTime = 5 * time.Second
	// acceptPause is the pause after a failed accept, such as for want of descriptors.
	acceptPause = 100 * time.Millisecond
)

// Serve answers applets on the socket at path until ctx is done, attached ones too. It returns an error only when it
// cannot begin.
func Serve(ctx context.Context, path string, sup Supervisor, hub *attach.Hub) error {
	listener, err := socket.Listen(path)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		_ = listener.Close() // the directory may be gone
	})
	defer stop()
	s := server{sup: sup, hub: hub}
	for {
		conn, err := listener.Accept()
		switch {
		case errors.Is(err, os.ErrClosed):
			return nil
		case err != nil:
			time.Sleep(acceptPause)
		default:
			go s.serve(ctx, conn)
		}
	}
}

// server answers.
type server struct {
	sup Supervisor
	hub *attach.Hub
}

func (s server) serve(ctx context.Context, conn *os.File) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var r request
	if err := conn.SetReadDeadline(time.Now().Add(askTime)); err != nil {
		return
	}
	if receive(conn, &r) != nil || conn.SetReadDeadline(time.Time{}) != nil {
		return
	}
	var a answer
	switch r.Verb {
	case verbAttach:
		if send(conn, a) == nil {
			s.hub.Attach(conn, r.Size, func(number byte) {
				_ = s.sup.Kill(syscall.Signal(number)) // the process may just have ended
			})
		}
		return
	case verbKill:
		if err := s.sup.Kill(syscall.Signal(r.Signal)); err != nil {
			a.Error = err.Error()
		}
	case verbGrace:
		s.sup.Grace(time.Duration(r.Milliseconds) * time.Millisecond)
	case verbReload:
		code, err := s.sup.Reload()
		if a.Code = code; err != nil {
			a.Error = err.Error()
		}
	case verbWait:
		a.Code = s.wait(conn, r.Until)
	default:
		a.Error = fmt.Sprintf("icc-init knows no %q", r.Verb)
	}
	_ = send(conn, a) // the applet may have gone
}

// wait blocks until what is waited for is decided, or the applet is gone.
func (s server) wait(conn *os.File, until string) int {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = conn.Read(make([]byte, 1)) // nothing comes but the end
	}()
	for {
		changed := s.sup.Changed()
		if code, decided := decide(s.sup.State(), until); decided {
			return code
		}
		select {
		case <-changed:
		case <-gone:
			return 0
		}
	}
}

// decide says how the wait ends in this state, if it does.
func decide(state initspec.State, until string) (code int, decided bool) {
	switch {
	case until == untilExit:
		return initspec.WaitDone, state.Ended()
	case state.Ended():
		return initspec.WaitEnded, true
	case state.Health == nil:
		return initspec.WaitNoTest, true
	case state.Health.Status == initspec.HealthHealthy:
		return initspec.WaitDone, true
	case state.Health.Status == initspec.HealthUnhealthy:
		return initspec.WaitUnhealthy, true
	}
	return 0, false
}
