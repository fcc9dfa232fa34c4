package guest

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// Console connects the streams to an instance's console until the instance has stopped, ctx ends, or the near end has
// nothing more to say. A console is a terminal with one stream; it has no exit code, and nobody takes signals: they end
// the connection, with the exit code that they would give a program.
func Console(ctx context.Context, server incus.InstanceServer, instance string, window sdk.WindowSize, s Streams) (int, error) {
	ended, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	disconnect := make(chan bool)
	resize, signals := s.Control.divide(ended)
	terminal := terminal{Reader: stdin(ended, s.Stdin, true), Writer: writeCloser(s.Stdout)}
	op, err := server.ConsoleInstance(instance, api.InstanceConsolePost{Width: window.Width, Height: window.Height}, &incus.InstanceConsoleArgs{
		Terminal: terminal, Control: resize.serve(ended), ConsoleDisconnect: disconnect,
	})
	if err != nil {
		return 0, consoleError(err)
	}
	done := make(chan error, 1)
	go func() { done <- op.Wait() }()
	select {
	case err = <-done:
	case number := <-signals:
		close(disconnect)
		return signalled + number, nil
	case <-ctx.Done():
		close(disconnect)
		return 0, context.Cause(ctx)
	}
	if err != nil {
		return 0, consoleError(err)
	}
	return 0, nil
}

func consoleError(err error) error {
	if strings.Contains(err.Error(), "already connected") {
		return resource.ErrConflict.WithText("somebody else is connected to the console").WithHint("only one can be at a time").Wrap(err)
	}
	return fmt.Errorf("connecting to the console: %w", sdkincus.MapError(err))
}

// signalled is what shells add to the number of a signal for an exit code.
const signalled = 128

// terminal is the near end of a console.
type terminal struct {
	io.Reader
	io.Writer
}

// Close implements io.Closer; the streams are closed by whoever made them.
func (terminal) Close() error { return nil }
