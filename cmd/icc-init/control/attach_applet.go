package control

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/icc-project/icc/cmd/icc-init/attach"
)

func (a applet) attach(args []string) int {
	var input, terminal bool
	for _, arg := range args {
		switch arg {
		case "-i":
			input = true
		case "-t":
			terminal = true
		case "-it", "-ti":
			input, terminal = true, true
		default:
			return a.usage("attach [-i] [-t]")
		}
	}
	conn, err := a.dial()
	if err != nil {
		return a.fail(codeFailed, err)
	}
	session := &attach.Session{Conn: conn, Out: a.out, Err: a.errOut}
	if input {
		session.In = a.in
	}
	r := request{Verb: verbAttach}
	if terminal {
		restore, err := attach.Raw(a.in)
		if err != nil {
			return a.fail(codeFailed, fmt.Errorf("-t needs a terminal: %w", err))
		}
		defer restore()
		session.DetachKeys = attach.DefaultDetachKeys()
		r.Size, _ = attach.TerminalSize(a.in) // unknown is a size too
	}
	var got answer
	err = send(conn, r)
	defer a.relay(session, terminal)() // frames may follow the request at once
	if err != nil || receive(conn, &got) != nil {
		return a.fail(codeGone, attach.ErrLost)
	}
	code, err := session.Run()
	if errors.Is(err, attach.ErrLost) {
		return a.fail(codeGone, err)
	}
	if err != nil {
		return a.fail(codeFailed, err)
	}
	return code
}

// relay passes on the sizes of this terminal, or without one the signals this process gets, as `docker attach` does.
func (a applet) relay(session *attach.Session, terminal bool) (stop func()) {
	signals := make(chan os.Signal, 16)
	if terminal {
		signal.Notify(signals, syscall.SIGWINCH)
		signals <- syscall.SIGWINCH // it may have changed just before
	} else {
		signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	}
	go func() {
		for s := range signals {
			if sig, ok := s.(syscall.Signal); ok && sig != syscall.SIGWINCH {
				_ = session.Signal(byte(sig)) // PID 1 may be gone
			} else if size, err := attach.TerminalSize(a.in); err == nil {
				_ = session.Resize(size)
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
	}
}
