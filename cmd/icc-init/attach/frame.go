package attach

import (
	"encoding/binary"
	"errors"
	"io"
)

// A frame is its kind, the length of its payload in four bytes, and the payload.
type kind byte

const (
	// From the client.
	frameInput    kind = 'i' // a chunk of input; the next one may be sent after frameTaken
	frameInputEnd kind = 'e'
	frameSize     kind = 'r' // rows and columns of the client's terminal, two bytes each
	frameSignal   kind = 's' // the number of a signal for the main process, in a byte

	// From PID 1.
	frameStdout kind = 'o'
	frameStderr kind = 'x'
	frameTaken  kind = 't' // the input is where it belongs
	frameExit   kind = 'q' // the main process has ended for good; its exit code in four bytes. Nothing follows
)

const (
	headerSize = 5
	// maxPayload bounds a frame.
	maxPayload = 32 << 10
)

var errFrame = errors.New("what came over the control socket is no frame")

// appendFrame appends a frame whose payload is at most maxPayload.
func appendFrame(dst []byte, k kind, payload []byte) []byte {
	dst = append(dst, byte(k))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(payload)))
	return append(dst, payload...)
}

// reader reads frames.
type reader struct {
	from    io.Reader
	payload []byte
}

// next returns the next frame; the payload is good until the next call.
func (r *reader) next() (kind, []byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r.from, header[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(header[1:])
	if n > maxPayload {
		return 0, nil, errFrame
	}
	if r.payload == nil {
		r.payload = make([]byte, maxPayload)
	}
	_, err := io.ReadFull(r.from, r.payload[:n])
	return kind(header[0]), r.payload[:n], err
}
