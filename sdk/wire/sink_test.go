package wire

import (
	"errors"
	"testing"

	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

func TestSinkIsSilentAfterItsActionHasEnded(t *testing.T) {
	t.Parallel()
	sent := 0
	s := &streamSink{send: func(event) error { sent++; return errors.New("gone") }}
	s.Notice(resource.LevelInfo, "in time")
	s.close()
	s.Notice(resource.LevelInfo, "too late")
	s.Output(resource.Stdout, []byte("too late"))
	if sent != 1 {
		t.Errorf("%d events were sent, want 1", sent)
	}
}

func TestSinkSendsLargeOutputInPieces(t *testing.T) {
	t.Parallel()
	var sizes []int
	s := &streamSink{send: func(e event) error { sizes = append(sizes, len(e.output.GetData())); return nil }}
	s.Output(resource.Stdout, make([]byte, 2*chunkBytes+1))
	if len(sizes) != 3 || sizes[0] != chunkBytes || sizes[2] != 1 {
		t.Errorf("pieces of %v bytes", sizes)
	}
}

func TestSessionIsSilentAfterItsEnd(t *testing.T) {
	t.Parallel()
	stream := &deadStream{}
	f := newFarEnd(stream)
	if err := f.finish(0, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.output(resource.Stdout, []byte("too late")); err == nil || stream.sent != 1 {
		t.Errorf("output after the end: %v, %d frames sent", err, stream.sent)
	}
}

// deadStream counts what is sent on it.
type deadStream struct {
	sessionServerStream
	sent int
}

// Send implements grpc.BidiStreamingServer.
func (d *deadStream) Send(*pb.SessionResponse) error { d.sent++; return nil }
