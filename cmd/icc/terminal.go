package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// errDetached says that the user left a session whose process goes on.
var errDetached = errors.New("detached")

// connection is how the near end of a session behaves.
type connection struct {
	// detach are the keys that leave the session on a terminal; none when they belong to the process.
	detach []byte
	// keepSignals says that signals are not passed on: they end icc.
	keepSignals bool
}

// runSession connects the terminal, or the pipes, to the session until its process ends, and returns the exit code.
func runSession(ctx context.Context, s *session, target resource.State, req sdk.SessionRequest, how connection) (int, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	signals := make(chan os.Signal, 8)
	if how.keepSignals {
		signal.Notify(signals, syscall.SIGWINCH)
	} else {
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH)
	}
	defer signal.Stop(signals)
	in := &input{to: make(chan []byte), done: ctx.Done()}
	if req.TTY {
		restore, err := rawTerminal()
		if err != nil {
			return 0, err
		}
		defer restore()
		req.Window = windowSize()
		in.keys, in.detached = detacher{keys: how.detach}, func() { end(errDetached) }
	}
	if req.Stdin {
		go in.read()
	}
	resize, forward := make(chan sdk.WindowSize, 1), make(chan int, 8)
	go forwardSignals(signals, forward, resize, ctx.Done())
	code, err := s.engine.Session(ctx, target, req, sdk.SessionIO{Stdin: in.to, Resize: resize, Signals: forward, Output: output})
	if errors.Is(context.Cause(ctx), errDetached) {
		return 0, errDetached
	}
	return code, err
}

func output(stream resource.Stream, data []byte) error {
	w := os.Stdout
	if stream == resource.Stderr {
		w = os.Stderr
	}
	_, err := w.Write(data)
	return err
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// onTerminal reports whether icc talks to a person: its input and output are a terminal.
func onTerminal() bool { return isTerminal(os.Stdin) && isTerminal(os.Stdout) }

func rawTerminal() (restore func(), err error) {
	fd := int(os.Stdin.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("switching the terminal to raw mode: %w", err)
	}
	return func() { _ = term.Restore(fd, state) }, nil
}

func windowSize() sdk.WindowSize {
	w, h, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return sdk.WindowSize{Width: 80, Height: 24}
	}
	return sdk.WindowSize{Width: w, Height: h}
}

// input reads what is typed or piped into icc.
type input struct {
	to       chan []byte
	done     <-chan struct{}
	keys     detacher
	detached func()
}

// read sends the input until its end or until the session is over.
func (in *input) read() {
	defer close(in.to)
	for {
		buf := make([]byte, 32*1024)
		n, err := os.Stdin.Read(buf)
		data, detach := in.keys.scan(buf[:n])
		if len(data) > 0 {
			select {
			case in.to <- data:
			case <-in.done:
				return
			}
		}
		if detach {
			in.detached()
			return
		}
		if err != nil {
			return
		}
	}
}

func forwardSignals(from <-chan os.Signal, to chan<- int, resize chan<- sdk.WindowSize, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case sig := <-from:
			if sig == syscall.SIGWINCH {
				select {
				case resize <- windowSize():
				default: // an older size is on its way; the next change brings the newest
				}
				continue
			}
			if n, ok := sig.(syscall.Signal); ok {
				select {
				case to <- int(n):
				case <-done:
				}
			}
		}
	}
}
