package guest

import (
	"context"
	"errors"
	"io"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Connect makes the streams of a command out of a session's. The context ends the forwarding.
func Connect(ctx context.Context, sio sdk.SessionIO, withStdin bool) Streams {
	s := Streams{
		Stdout:  output{sio, resource.Stdout},
		Stderr:  output{sio, resource.Stderr},
		Control: NewControl(),
	}
	if withStdin {
		s.Stdin = &input{ctx: ctx, chunks: sio.Stdin}
	}
	go s.Control.Forward(ctx, sio.Resize, sio.Signals)
	return s
}

// output is one of the command's streams.
type output struct {
	io     sdk.SessionIO
	stream resource.Stream
}

// Write implements io.Writer.
func (o output) Write(data []byte) (int, error) {
	if o.io.Output == nil {
		return 0, errors.New("the session takes no output")
	}
	if err := o.io.Output(o.stream, data); err != nil {
		return 0, err
	}
	return len(data), nil
}

// input reads a session's standard input.
type input struct {
	ctx    context.Context
	chunks <-chan []byte
	rest   []byte
}

// Read implements io.Reader.
func (i *input) Read(p []byte) (int, error) {
	for len(i.rest) == 0 {
		select {
		case <-i.ctx.Done():
			return 0, io.EOF
		case chunk, ok := <-i.chunks:
			if !ok {
				return 0, io.EOF
			}
			i.rest = chunk
		}
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	return n, nil
}
