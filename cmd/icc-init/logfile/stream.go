package logfile

import (
	"bytes"
	"time"
)

const (
	// maxText is the longest text of one entry; longer lines become several.
	maxText = 16 << 10
	// idle is how long a line may stay unfinished until its beginning is shown.
	idle = 100 * time.Millisecond
	// pieceSize bounds how far one Write can overfill the queue: even when it is all line breaks.
	pieceSize = 16 << 10
)

// stream cuts one stream into lines. The queue's mutex guards it.
type stream struct {
	queue *queue
	name  string
	timer *time.Timer

	tail    []byte // of the unfinished line: what has not been logged
	open    bool   // the unfinished line has been logged in part
	skip    bool   // the unfinished line has been dropped in part, and its rest goes as well
	touched time.Time
}

func newStream(q *queue, name string) *stream {
	s := &stream{queue: q, name: name}
	s.timer = time.AfterFunc(time.Hour, s.flushIdle)
	s.timer.Stop()
	return s
}

// Write logs the lines in p. It never fails.
func (s *stream) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		piece := p[:min(len(p), pieceSize)]
		p = p[len(piece):]
		s.put(piece)
	}
	return n, nil
}

func (s *stream) put(piece []byte) {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	if s.queue.disabled {
		s.forget(piece)
		return
	}
	if !s.queue.admit() {
		s.drop(piece)
		return
	}
	h := newHeader(s.queue.now(), s.name)
	for {
		line, rest, ended := bytes.Cut(piece, []byte{'\n'})
		if !ended {
			break
		}
		s.finish(h, line)
		piece = rest
	}
	if !s.skip && len(piece) > 0 {
		s.tail = s.cut(h, append(s.tail, piece...))
	}
	s.queue.last = h.time()
	s.touched = time.Now()
	if len(s.tail) > 0 {
		s.timer.Reset(idle)
	}
}

// finish logs the line that ends with text.
func (s *stream) finish(h *header, text []byte) {
	if s.skip {
		s.skip = false
		return
	}
	if len(s.tail) > 0 {
		text = append(s.tail, text...)
		s.tail = s.tail[:0]
	}
	s.queue.add(h, s.cut(h, text), false)
	s.open = false
}

// cut logs what is too long for one entry and returns what is left.
func (s *stream) cut(h *header, text []byte) []byte {
	for len(text) > maxText {
		s.queue.add(h, text[:maxText], true)
		text = text[maxText:]
		s.open = true
	}
	return text
}

// forget takes no notice of the piece, so that the log, when it is switched on, begins with a whole line.
func (s *stream) forget(piece []byte) {
	s.skip, s.tail = piece[len(piece)-1] != '\n', s.tail[:0]
	s.endOpen()
}

// drop counts the lines that are lost with the piece: those that it ends, and the one that it begins or goes on with.
func (s *stream) drop(piece []byte) {
	lost := bytes.Count(piece, []byte{'\n'})
	unfinished := piece[len(piece)-1] != '\n'
	if unfinished {
		lost++
	}
	if s.skip {
		lost-- // counted when it was begun
	}
	s.queue.dropped += lost
	s.skip, s.tail = unfinished, s.tail[:0]
	s.endOpen()
}

// flushIdle shows the beginning of a line that has had no end for a while, such as a prompt.
func (s *stream) flushIdle() {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	if left := idle - time.Since(s.touched); left > 0 && len(s.tail) > 0 {
		s.timer.Reset(left)
		return
	}
	s.flush()
}

func (s *stream) flush() {
	if len(s.tail) == 0 || s.queue.closed || s.queue.reason != nil {
		return
	}
	s.queue.add(newHeader(s.queue.now(), s.name), s.tail, true)
	s.tail, s.open = s.tail[:0], true
}

// pause logs everything, before the log is closed.
func (s *stream) pause() {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	s.flush()
}

// end logs everything and ends the line.
func (s *stream) end() {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	s.flush()
	s.endOpen()
}

func (s *stream) endOpen() {
	if s.open && !s.queue.closed {
		s.queue.add(newHeader(s.queue.now(), s.name), nil, false)
	}
	s.open = false
}
