package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// collector takes a session's output.
type collector struct{ out, err bytes.Buffer }

func (c *collector) output(s resource.Stream, data []byte) error {
	if s == resource.Stderr {
		c.err.Write(data)
	} else {
		c.out.Write(data)
	}
	return nil
}

func TestSessionEchoesInputToItsEnd(t *testing.T) {
	t.Parallel()
	c := connect(t, &whole{session: func(_ context.Context, req sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
		for data := range sio.Stdin {
			if err := sio.Output(resource.Stdout, data); err != nil {
				return 0, err
			}
		}
		return 7, sio.Output(resource.Stderr, []byte(strings.Join(req.Args, " ")))
	}})
	input := bytes.Repeat([]byte("0123456789abcdef"), 400_000) // more than the window several times
	stdin := make(chan []byte)
	go func() {
		defer close(stdin)
		for rest := input; len(rest) > 0; {
			n := min(len(rest), 100_001)
			stdin <- rest[:n]
			rest = rest[n:]
		}
	}()
	var got collector
	req := sdk.SessionRequest{Verb: "exec", Args: []string{"cat", "-"}, Stdin: true}
	code, err := c.Session(t.Context(), req, sdk.SessionIO{Stdin: stdin, Output: got.output})
	if err != nil || code != 7 {
		t.Fatalf("Session = %d, %v", code, err)
	}
	if !bytes.Equal(got.out.Bytes(), input) || got.err.String() != "cat -" {
		t.Errorf("%d of %d bytes came back, standard error is %q", got.out.Len(), len(input), got.err.String())
	}
}

func TestSessionLosesNoOutputAtItsEnd(t *testing.T) {
	t.Parallel()
	const lines = 5000
	c := connect(t, &whole{session: func(_ context.Context, _ sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
		for i := range lines {
			if err := sio.Output(resource.Stdout, fmt.Appendf(nil, "%d\n", i)); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}})
	for range 20 {
		var got collector
		slow := func(s resource.Stream, data []byte) error { return got.output(s, data) }
		if _, err := c.Session(t.Context(), sdk.SessionRequest{}, sdk.SessionIO{Output: slow}); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(got.out.Bytes(), []byte("\n")); n != lines {
			t.Fatalf("%d of %d lines arrived", n, lines)
		}
	}
}

func TestSessionWithoutStdinSeesItsEndAtOnce(t *testing.T) {
	t.Parallel()
	c := connect(t, &whole{session: func(_ context.Context, _ sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
		for range sio.Stdin {
			return 1, nil
		}
		return 0, nil
	}})
	never := make(chan []byte)
	if code, err := c.Session(t.Context(), sdk.SessionRequest{}, sdk.SessionIO{Stdin: never}); code != 0 || err != nil {
		t.Errorf("Session = %d, %v", code, err)
	}
}

func TestSignalsAndResizesOvertakeInputThatNobodyReads(t *testing.T) {
	t.Parallel()
	c := connect(t, &whole{session: func(ctx context.Context, req sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
		size := <-sio.Resize // standard input is not read at all
		if err := sio.Output(resource.Stdout, fmt.Append(nil, req.Window, size)); err != nil {
			return 0, err
		}
		return <-sio.Signals, nil
	}})
	const chunk = stdinWindow / 4
	stdin, stop, accepted := make(chan []byte), make(chan struct{}), make(chan int, 1)
	go func() {
		for n := 0; ; n++ {
			select {
			case stdin <- make([]byte, chunk):
			case <-stop:
				accepted <- n
				return
			}
		}
	}()
	resize, signals := make(chan sdk.WindowSize), make(chan int)
	go func() {
		time.Sleep(200 * time.Millisecond)
		resize <- sdk.WindowSize{Width: 80, Height: 24}
		close(resize)
		signals <- 15
		close(signals)
	}()
	var got collector
	req := sdk.SessionRequest{Stdin: true, TTY: true, Window: sdk.WindowSize{Width: 1, Height: 2}}
	code, err := c.Session(t.Context(), req, sdk.SessionIO{Stdin: stdin, Resize: resize, Signals: signals, Output: got.output})
	if err != nil || code != 15 {
		t.Errorf("Session = %d, %v", code, err)
	}
	close(stop)
	if n := <-accepted; n > stdinWindow/chunk+1 {
		t.Errorf("%d KiB were taken although nobody reads them", n*chunk/1024)
	}
	if diff := cmp.Diff("{1 2} {80 24}", got.out.String()); diff != "" {
		t.Errorf("window sizes (-want +got):\n%s", diff)
	}
}

func TestSessionEndings(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 1)
	c := connect(t, &whole{session: func(ctx context.Context, req sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
		switch req.Verb {
		case "fail":
			return 1, resource.ErrNotRunning.WithHint("start it")
		case "flood":
			for {
				if err := sio.Output(resource.Stdout, make([]byte, 1<<20)); err != nil {
					ended <- struct{}{}
					return 0, err
				}
			}
		}
		<-ctx.Done()
		for range sio.Signals { // closed for us when the caller is gone
		}
		for range sio.Resize {
		}
		ended <- struct{}{}
		return 0, ctx.Err()
	}})
	if _, err := c.Session(t.Context(), sdk.SessionRequest{Verb: "fail"}, sdk.SessionIO{}); !errors.Is(err, resource.ErrNotRunning) {
		t.Errorf("a failing session: %v", err)
	}
	broken := func(resource.Stream, []byte) error { return io.ErrClosedPipe }
	if _, err := c.Session(t.Context(), sdk.SessionRequest{Verb: "flood"}, sdk.SessionIO{Output: broken}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a session whose output nobody takes: %v", err)
	}
	<-ended
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // in which the call arrives, however busy the machine is
	defer cancel()
	if _, err := c.Session(ctx, sdk.SessionRequest{Stdin: true}, sdk.SessionIO{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a session that is given up: %v", err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("the plugin's session goes on")
	}
}
