package attach

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrLost says that PID 1 has gone without telling the process' exit code.
var ErrLost = errors.New("the container has ended")

// Session is the side of `/s6-init attach`.
type Session struct {
	Conn io.ReadWriteCloser
	// In is nil for a session without input.
	In       io.Reader
	Out, Err io.Writer
	// DetachKeys end the session without ending the process; nil means that nothing does.
	DetachKeys []byte

	sending  sync.Mutex
	detached chan struct{}
}

// Run passes input and output on until the process has ended for good, and returns its exit code: 0 when the user has
// detached. It leaves Conn open: PID 1 takes its end for that of this process.
func (s *Session) Run() (int, error) {
	s.detached = make(chan struct{})
	taken := make(chan struct{}, 1)
	if s.In != nil {
		go s.input(taken) // ends with the process, because nothing can end a read of stdin
	}
	type result struct {
		code int
		err  error
	}
	ended := make(chan result, 1)
	go func() {
		code, err := s.output(taken)
		ended <- result{code, err}
	}()
	select {
	case r := <-ended:
		return r.code, r.err
	case <-s.detached:
		return 0, nil
	}
}

// Signal sends a signal to the process.
func (s *Session) Signal(number byte) error { return s.send(frameSignal, []byte{number}) }

// Resize tells the size of this side's terminal.
func (s *Session) Resize(size Size) error { return s.send(frameSize, size.bytes()) }

func (s *Session) send(k kind, payload []byte) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	_, err := s.Conn.Write(appendFrame(nil, k, payload))
	return err
}

// output reads what PID 1 sends.
func (s *Session) output(taken chan<- struct{}) (int, error) {
	frames := reader{from: s.Conn}
	for {
		k, payload, err := frames.next()
		if err != nil {
			return 0, ErrLost
		}
		switch {
		case k == frameStdout:
			_, err = s.Out.Write(payload)
		case k == frameStderr:
			_, err = s.Err.Write(payload)
		case k == frameTaken:
			taken <- struct{}{}
		case k == frameExit && len(payload) == 4:
			return int(binary.BigEndian.Uint32(payload)), nil
		}
		if err != nil {
			return 0, fmt.Errorf("passing output on: %w", err)
		}
	}
}

// input sends chunks, each when the one before is taken.
func (s *Session) input(taken <-chan struct{}) {
	buffer := make([]byte, maxPayload)
	keys := detector{keys: s.DetachKeys}
	for {
		// A key that was held back, because it begins the detach keys, may come with the next chunk.
		n, err := s.In.Read(buffer[:len(buffer)-len(s.DetachKeys)])
		chunk, detach := keys.pass(buffer[:n])
		if len(chunk) > 0 {
			if s.send(frameInput, chunk) != nil {
				return
			}
			<-taken
		}
		if detach {
			close(s.detached)
			return
		}
		if err != nil {
			_ = s.send(frameInputEnd, nil) // PID 1 may be gone
			return
		}
	}
}
