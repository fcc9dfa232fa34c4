package wire

import (
	"sync"

	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// chunkBytes is the size in which bytes of a process are sent at most.
const chunkBytes = 256 << 10

// event is one of the three things that Run and Build stream besides their result.
type event struct {
	progress *pb.Progress
	output   *pb.Output
	notice   *pb.Notice
}

// streamSink is a resource.Sink that sends what it receives, one event at a time, until it is closed.
// Errors of sending are dropped: they mean that the caller is gone, which the context says as well.
type streamSink struct {
	mu     sync.Mutex
	closed bool
	send   func(event) error
}

// Progress implements resource.Sink.
func (s *streamSink) Progress(p resource.Progress) {
	s.emit(event{progress: &pb.Progress{Percent: int32(p.Percent), Text: legible(p.Text)}})
}

// Output implements resource.Sink.
func (s *streamSink) Output(stream resource.Stream, data []byte) {
	for len(data) > 0 {
		n := min(len(data), chunkBytes)
		s.emit(event{output: &pb.Output{Stream: string(stream), Data: data[:n]}})
		data = data[n:]
	}
}

// Notice implements resource.Sink.
func (s *streamSink) Notice(level resource.Level, text string) {
	s.emit(event{notice: &pb.Notice{Level: string(level), Text: legible(text)}})
}

func (s *streamSink) emit(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		_ = s.send(e)
	}
}

// close drops what late goroutines of the action still report: the stream must not be used after its handler returns.
func (s *streamSink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// events is what the streaming responses have in common.
type events interface {
	GetProgress() *pb.Progress
	GetOutput() *pb.Output
	GetNotice() *pb.Notice
}

// deliver hands a received event to the sink. Events of kinds that this version does not know are dropped.
func deliver(e events, sink resource.Sink) {
	if p := e.GetProgress(); p != nil {
		sink.Progress(resource.Progress{Percent: int(p.GetPercent()), Text: p.GetText()})
	}
	if o := e.GetOutput(); o != nil {
		sink.Output(resource.Stream(o.GetStream()), o.GetData())
	}
	if n := e.GetNotice(); n != nil {
		sink.Notice(resource.Level(n.GetLevel()), n.GetText())
	}
}
