package attach

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// bufferSize bounds what waits for one client.
	bufferSize = 1 << 20
	// stalled is how long a client that was there from the beginning may take nothing until it loses output too.
	stalled = 10 * time.Second
	// hesitation is how long output waits for other clients, so that a burst is no loss.
	hesitation = 100 * time.Millisecond
)

// outbox holds what one client is to get.
type outbox struct {
	to io.Writer
	// patient clients slow the process down instead of losing its output: they were there before it said anything.
	patient bool
	wake    chan struct{} // there is something to send
	gone    chan struct{} // closed when there is nobody to send to

	mu      sync.Mutex
	pending []byte        // frames
	room    chan struct{} // closed, and replaced, when pending was taken
	taken   time.Time     // when the client last took something
	dropped int64
	code    *int
}

func newOutbox(to io.Writer, patient bool) *outbox {
	return &outbox{
		to:      to,
		patient: patient,
		wake:    make(chan struct{}, 1),
		gone:    make(chan struct{}),
		room:    make(chan struct{}),
	}
}

// output queues output for the client.
func (o *outbox) output(k kind, p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(p) > 0 {
		payload := p[:min(len(p), maxPayload)]
		p = p[len(payload):]
		if o.admit() {
			o.push(k, payload)
		} else {
			o.dropped += int64(len(payload))
		}
	}
}

// admit reports whether there is room, and waits for it a little. The caller holds mu, which is given up meanwhile.
func (o *outbox) admit() bool {
	for start := time.Now(); ; {
		switch left := time.Until(o.deadline(start)); {
		case o.dropped > 0:
			return false // until all that was kept, and the note, are on their way
		case len(o.pending) < bufferSize:
			return true
		case left <= 0:
			return false
		default:
			o.waitForRoom(left)
		}
	}
}

// deadline is when output that waits since start is dropped.
func (o *outbox) deadline(start time.Time) time.Time {
	switch {
	case !o.patient:
		return start.Add(hesitation)
	case o.taken.After(start):
		return o.taken.Add(stalled)
	}
	return start.Add(stalled)
}

func (o *outbox) waitForRoom(d time.Duration) {
	room := o.room
	o.mu.Unlock()
	defer o.mu.Lock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-room:
	case <-o.gone:
		o.dropped++ // nobody will know
	case <-timer.C:
	}
}

// push queues a frame; the caller holds mu.
func (o *outbox) push(k kind, payload []byte) {
	o.pending = appendFrame(o.pending, k, payload)
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// confirm queues that a chunk of input was taken.
func (o *outbox) confirm() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.push(frameTaken, nil)
}

// exit queues the last frame.
func (o *outbox) exit(code int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.code == nil {
		o.code = &code
		o.note()
		o.push(frameExit, binary.BigEndian.AppendUint32(nil, uint32(code)))
	}
}

// note tells the client what it has lost; the caller holds mu.
func (o *outbox) note() {
	if o.dropped > 0 {
		text := fmt.Sprintf("\r\n[icc-init: %d bytes of output were dropped: this terminal is too slow]\r\n", o.dropped)
		o.push(frameStderr, []byte(text))
		o.dropped = 0
	}
}

// take returns what is to be sent.
func (o *outbox) take(spare []byte) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.pending) == 0 {
		o.note()
	}
	batch := o.pending
	o.pending = spare[:0]
	close(o.room)
	o.room = make(chan struct{})
	return batch
}

// send writes what is queued, until that fails or there is nobody to send to.
func (o *outbox) send() {
	var spare []byte
	for {
		batch := o.take(spare)
		if len(batch) == 0 {
			spare = batch
			select {
			case <-o.wake:
				continue
			case <-o.gone:
				return
			}
		}
		if o.write(batch) != nil {
			return
		}
		spare = batch
	}
}

// progress is when the client last took something.
func (o *outbox) progress() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken
}

// write notes progress, by which a slow client differs from one that is stuck.
func (o *outbox) write(batch []byte) error {
	for len(batch) > 0 {
		n, err := o.to.Write(batch[:min(len(batch), maxPayload)])
		if err != nil {
			return err
		}
		batch = batch[n:]
		o.mu.Lock()
		o.taken = time.Now()
		o.mu.Unlock()
	}
	return nil
}
