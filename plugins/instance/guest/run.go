package guest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// Exit codes of commands that could not be run, as shells and Docker have them.
const (
	codeNotExecutable = 126
	codeNotFound      = 127
)

// killTime is how long a killed command may take to be gone.
const killTime = 2 * time.Second

// Streams connect a command. A nil Stdin is at its end from the beginning.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Control carries resizes and signals; nil means none.
	Control *Control
	// Detached leaves the command alone once it runs: the streams are not connected but for complaints.
	Detached bool
}

// Run runs a command in an instance until it ends, and returns its exit code. When ctx ends first, the command is
// killed.
func Run(ctx context.Context, server incus.InstanceServer, inst *api.Instance, c Command, users lookUp, s Streams) (int, error) {
	if err := checkWorkingDir(ctx, server, inst.Name, c.WorkingDir); err != nil {
		return 0, err
	}
	post, err := c.request(ctx, inst, users)
	if err != nil {
		return 0, err
	}
	return execute(ctx, server, inst.Name, post, s, s.Stderr)
}

// execute runs what the request says until it ends. Complaints of the server's about the command go to complain.
func execute(ctx context.Context, server incus.InstanceServer, instance string, post api.InstanceExecPost, s Streams, complain io.Writer) (int, error) {
	if s.Detached {
		return launch(ctx, server, instance, post, s.Stderr)
	}
	if s.Control == nil {
		s.Control = NewControl()
	}
	ended, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	op, dataDone, err := start(server, instance, post, &incus.InstanceExecArgs{
		Stdin:   stdin(ended, s.Stdin, post.Interactive),
		Stdout:  writeCloser(s.Stdout),
		Stderr:  writeCloser(s.Stderr),
		Control: s.Control.serve(ended),
	})
	if err != nil {
		return 0, execError(err)
	}
	done := make(chan error, 1)
	go func() {
		err := op.Wait()
		<-dataDone // what was written last must not be lost
		done <- err
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		s.Control.signal(int(syscall.SIGKILL))
		select {
		case <-done:
		case <-time.After(killTime):
		}
		return 0, context.Cause(ctx)
	}
	return result(op.Get(), err, complain)
}

// result tells the exit code from an operation that has ended.
func result(op api.Operation, err error, stderr io.Writer) (int, error) {
	code, known := exitCode(op.Metadata)
	if err == nil && known {
		return code, nil
	}
	if err != nil {
		switch text := err.Error(); {
		case strings.Contains(text, "Command not found"):
			code, known = codeNotFound, true
		case strings.Contains(text, "Command not executable"):
			code, known = codeNotExecutable, true
		}
	}
	if !known {
		return 0, execError(errors.Join(err, errors.New("the server told no exit code")))
	}
	if err != nil && stderr != nil {
		_, _ = fmt.Fprintf(stderr, "exec: %s\n", strings.ToLower(err.Error()))
	}
	return code, nil
}

func execError(err error) error {
	err = sdkincus.MapError(err)
	switch text := err.Error(); {
	case strings.Contains(text, "Instance is not running"):
		return resource.ErrNotRunning.WithHint("start it with `icc start`").Wrap(err)
	case strings.Contains(text, "Instance is frozen"):
		return resource.ErrNotRunning.WithText("the instance is paused").WithHint("unpause it first").Wrap(err)
	}
	return fmt.Errorf("running the command: %w", err)
}

// stdin returns what the command reads. A terminal without input must stay open, everything else is at its end.
func stdin(ended context.Context, r io.Reader, tty bool) io.ReadCloser {
	switch {
	case r != nil:
		return io.NopCloser(r)
	case tty:
		return io.NopCloser(silence{ended})
	}
	return io.NopCloser(strings.NewReader(""))
}

// silence never says anything and ends with the command.
type silence struct{ ended context.Context }

func (s silence) Read([]byte) (int, error) {
	<-s.ended.Done()
	return 0, io.EOF
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func writeCloser(w io.Writer) io.WriteCloser {
	if w == nil {
		w = io.Discard
	}
	return nopCloser{w}
}
