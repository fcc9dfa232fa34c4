package wire

import (
	"context"
	"sync"

	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

type sessionServerStream = grpc.BidiStreamingServer[pb.SessionRequest, pb.SessionResponse]

// Session serves sdk.Sessions: it turns the frames of one stream into the channels of an sdk.SessionIO and back.
func (s *resourcesServer) Session(stream sessionServerStream) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	if first.GetStart() == nil {
		return toStatus(resource.ErrInvalidFormat.WithText("the first frame of a session must be its start"))
	}
	req := decodeSessionStart(first.GetStart())
	sessions, ok := s.impl.(sdk.Sessions)
	if !ok {
		return toStatus(unsupported(req.Resource.Ref, req.Verb))
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	far := newFarEnd(stream)
	if !req.Stdin {
		far.closeStdin()
	}
	go far.receive()
	go far.feed(ctx)
	code, err := sessions.Session(ctx, req, far.io())
	return far.finish(code, err)
}

// farEnd is the plugin's end of a session. It takes every frame as it comes: input that nobody reads is queued, up to
// the host's window, so that signals get through.
type farEnd struct {
	stream  sessionServerStream
	stdin   chan []byte
	resize  chan sdk.WindowSize
	signals chan int

	mu     sync.Mutex
	queue  [][]byte
	eof    bool          // nothing will be queued any more
	queued chan struct{} // says that queue or eof has changed

	sending sync.Mutex
	closed  bool // by finish
}

func newFarEnd(stream sessionServerStream) *farEnd {
	return &farEnd{
		stream:  stream,
		stdin:   make(chan []byte),
		resize:  make(chan sdk.WindowSize, 1),
		signals: make(chan int, 16),
		queued:  make(chan struct{}, 1),
	}
}

func (f *farEnd) io() sdk.SessionIO {
	return sdk.SessionIO{Stdin: f.stdin, Resize: f.resize, Signals: f.signals, Output: f.output}
}

// receive takes frames until the host closes the stream or the handler returns.
func (f *farEnd) receive() {
	defer close(f.signals)
	defer close(f.resize)
	defer f.closeStdin()
	for {
		m, err := f.stream.Recv()
		if err != nil {
			return
		}
		switch frame := m.GetFrame().(type) {
		case *pb.SessionRequest_Stdin:
			f.enqueue(frame.Stdin)
		case *pb.SessionRequest_StdinClosed:
			f.closeStdin()
		case *pb.SessionRequest_Resize:
			select { // only the newest size matters
			case <-f.resize:
			default:
			}
			f.resize <- decodeWindow(frame.Resize)
		case *pb.SessionRequest_Signal:
			select {
			case f.signals <- int(frame.Signal):
			default: // nobody listens, and sixteen are waiting already
			}
		}
	}
}

func (f *farEnd) enqueue(data []byte) {
	f.mu.Lock()
	if !f.eof {
		f.queue = append(f.queue, data)
	}
	f.mu.Unlock()
	f.wake()
}

func (f *farEnd) closeStdin() {
	f.mu.Lock()
	f.eof = true
	f.mu.Unlock()
	f.wake()
}

func (f *farEnd) wake() {
	select {
	case f.queued <- struct{}{}:
	default:
	}
}

// dequeue returns the next chunk of input; done says that there is none and will be none.
func (f *farEnd) dequeue() (data []byte, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return nil, f.eof
	}
	data, f.queue = f.queue[0], f.queue[1:]
	return data, false
}

// feed hands queued input to the implementation and tells the host how much of it was taken.
func (f *farEnd) feed(ctx context.Context) {
	defer close(f.stdin)
	for {
		data, done := f.dequeue()
		switch {
		case done:
			return
		case data == nil:
			select {
			case <-f.queued:
			case <-ctx.Done():
				return
			}
			continue
		}
		select {
		case f.stdin <- data:
			taken := &pb.SessionResponse_StdinTaken{StdinTaken: uint32(len(data))}
			if f.send(&pb.SessionResponse{Frame: taken}) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func (f *farEnd) output(stream resource.Stream, data []byte) error {
	for len(data) > 0 {
		n := min(len(data), chunkBytes)
		m := &pb.SessionResponse{Frame: &pb.SessionResponse_Stdout{Stdout: data[:n]}}
		if stream == resource.Stderr {
			m = &pb.SessionResponse{Frame: &pb.SessionResponse_Stderr{Stderr: data[:n]}}
		}
		if err := f.send(m); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func (f *farEnd) send(m *pb.SessionResponse) error {
	f.sending.Lock()
	defer f.sending.Unlock()
	if f.closed {
		return context.Canceled
	}
	return f.stream.Send(m)
}

// finish sends the exit code as the last frame. Whatever late goroutines of the implementation still send is dropped.
func (f *farEnd) finish(code int, err error) error {
	f.sending.Lock()
	defer f.sending.Unlock()
	f.closed = true
	if err != nil {
		return toStatus(err)
	}
	return f.stream.Send(&pb.SessionResponse{Frame: &pb.SessionResponse_ExitCode{ExitCode: int32(code)}})
}
