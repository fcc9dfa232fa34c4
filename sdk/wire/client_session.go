package wire

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// stdinWindow is how many bytes of standard input may be on their way without having been taken by the remote side.
const stdinWindow = 1 << 20

type sessionClientStream = grpc.BidiStreamingClient[pb.SessionRequest, pb.SessionResponse]

// Session implements sdk.Sessions. All output has been handed over when it returns.
func (c *Client) Session(ctx context.Context, req sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.resources.Session(ctx)
	if err != nil {
		return 0, fromStatus(ctx, err)
	}
	start := &pb.SessionRequest{Frame: &pb.SessionRequest_Start{Start: encodeSessionStart(req)}}
	// io.EOF from Send means that Recv knows better what is wrong.
	if err := stream.Send(start); err != nil && !errors.Is(err, io.EOF) {
		return 0, fromStatus(ctx, err)
	}
	near := &nearEnd{stream: stream, io: sio, acked: make(chan struct{}, 1)}
	if !req.Stdin {
		near.io.Stdin = nil
	}
	go near.send(ctx)
	return near.receive(ctx)
}

// nearEnd is the host's end of a session: one goroutine sends, one receives.
type nearEnd struct {
	stream sessionClientStream
	io     sdk.SessionIO

	mu    sync.Mutex
	taken int           // bytes of stdin that the remote side has taken, not yet seen by send
	acked chan struct{} // says that taken has grown
}

// send multiplexes input, resizes and signals until ctx ends. Input waits for the remote side to take what it was
// sent before; resizes and signals do not.
func (n *nearEnd) send(ctx context.Context) {
	var pending []byte // of stdin
	room := stdinWindow
	for {
		stdin := n.io.Stdin
		if len(pending) > 0 {
			stdin = nil
		}
		var frame *pb.SessionRequest
		select {
		case <-ctx.Done():
			return
		case <-n.acked:
			room += n.takeAcks()
		case data, ok := <-stdin:
			if !ok {
				n.io.Stdin = nil
				frame = &pb.SessionRequest{Frame: &pb.SessionRequest_StdinClosed{StdinClosed: &pb.StdinClosed{}}}
			}
			pending = data
		case size, ok := <-n.io.Resize:
			if !ok {
				n.io.Resize = nil
				continue
			}
			frame = &pb.SessionRequest{Frame: &pb.SessionRequest_Resize{Resize: encodeWindow(size)}}
		case number, ok := <-n.io.Signals:
			if !ok {
				n.io.Signals = nil
				continue
			}
			frame = &pb.SessionRequest{Frame: &pb.SessionRequest_Signal{Signal: int32(number)}}
		}
		if frame != nil && n.stream.Send(frame) != nil {
			return // receive learns why
		}
		for len(pending) > 0 && room > 0 {
			size := min(len(pending), room, chunkBytes)
			if n.stream.Send(&pb.SessionRequest{Frame: &pb.SessionRequest_Stdin{Stdin: pending[:size]}}) != nil {
				return
			}
			pending, room = pending[size:], room-size
		}
	}
}

func (n *nearEnd) takeAcks() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.taken
	n.taken = 0
	return taken
}

func (n *nearEnd) acknowledge(bytes int) {
	n.mu.Lock()
	n.taken += bytes
	n.mu.Unlock()
	select {
	case n.acked <- struct{}{}:
	default:
	}
}

// receive hands output over until the session ends and returns the exit code.
func (n *nearEnd) receive(ctx context.Context) (int, error) {
	code, ended := 0, false
	for {
		m, err := n.stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && ended:
			return code, nil
		case errors.Is(err, io.EOF):
			return 0, resource.ErrPlugin.WithText("the plugin ended the session without an exit code")
		case err != nil:
			return 0, fromStatus(ctx, err)
		}
		switch frame := m.GetFrame().(type) {
		case *pb.SessionResponse_Stdout:
			err = n.output(resource.Stdout, frame.Stdout)
		case *pb.SessionResponse_Stderr:
			err = n.output(resource.Stderr, frame.Stderr)
		case *pb.SessionResponse_StdinTaken:
			n.acknowledge(int(frame.StdinTaken))
		case *pb.SessionResponse_ExitCode:
			code, ended = int(frame.ExitCode), true
		}
		if err != nil {
			return 0, err
		}
	}
}

func (n *nearEnd) output(stream resource.Stream, data []byte) error {
	if n.io.Output == nil {
		return nil
	}
	return n.io.Output(stream, data)
}
