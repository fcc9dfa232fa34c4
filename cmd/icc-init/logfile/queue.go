package logfile

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

const (
	// queueSize bounds what waits for the disk. As much again can be on its way, so the log never takes more than some
	// 5 MB of the container's memory.
	queueSize = 2 << 20
	// keepSize is what an idle log keeps of that.
	keepSize = 64 << 10
	// patience is how long the service waits for a full queue, once: after that, lines are dropped until it is empty.
	patience = 200 * time.Millisecond
)

var errSlow = errors.New("the disk is too slow")

// queue holds the entries that are on their way to the disk.
type queue struct {
	wake  chan struct{} // there is something to take
	limit int

	mu      sync.Mutex
	pending []byte
	spare   []byte
	room    chan struct{} // closed when pending was taken
	last    time.Time     // of the latest entry
	closed  bool
	// disabled says that what comes is to be forgotten.
	disabled bool

	failing  error // of the latest write
	reason   error // why lines are being dropped; nil while they are not
	dropped  int
	unstored bool // a batch has been taken and not stored
}

func newQueue(limit int) *queue {
	return &queue{wake: make(chan struct{}, 1), limit: limit, room: make(chan struct{})}
}

// admit reports whether there is room, and waits for it a little. The caller holds mu, which is given up meanwhile.
func (q *queue) admit() bool {
	if q.closed || q.reason != nil {
		return false
	}
	if len(q.pending) < q.limit {
		return true
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for inTime := true; len(q.pending) >= q.limit && !q.closed && q.reason == nil; {
		if q.failing != nil {
			q.reason = q.failing
		} else if !inTime {
			q.reason = errSlow
		} else {
			room := q.room
			q.mu.Unlock()
			select {
			case <-room:
			case <-timer.C:
				inTime = false
			}
			q.mu.Lock()
		}
	}
	return !q.closed && q.reason == nil
}

// add appends an entry; the caller holds mu.
func (q *queue) add(h *header, text []byte, partial bool) {
	q.pending = h.appendEntry(q.pending, text, partial)
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// now is the time for the next entry: the wall clock's, but later than that of the entry before, unless somebody has
// set the clock back. The caller holds mu.
func (q *queue) now() time.Time {
	now := time.Now().Round(0)
	if behind := q.last.Sub(now); behind >= 0 && behind < time.Second {
		now = q.last.Add(1)
	}
	q.last = now
	return now
}

// take returns what is pending. The memory is the caller's until stored.
func (q *queue) take() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.pending
	if len(batch) == 0 {
		return nil
	}
	q.pending, q.spare = q.spare[:0], nil
	q.unstored = true
	close(q.room)
	q.room = make(chan struct{})
	return batch
}

// stored takes the batch's memory back, and tells what was dropped when all that was kept is on the disk.
func (q *queue) stored(batch []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if cap(batch) <= keepSize || len(batch) > cap(batch)/4 {
		q.spare = batch[:0]
	}
	q.failing, q.unstored = nil, false
	if len(q.pending) == 0 && q.reason != nil {
		note := fmt.Sprintf("[icc-init: %d lines were dropped: %v]", q.dropped, q.reason)
		q.reason, q.dropped = nil, 0
		q.add(newHeader(q.now(), initspec.Stderr), []byte(note), false)
	}
}

// failed notes why the disk does not take the entries.
func (q *queue) failed(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failing = err
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		q.failing = errno
	}
	close(q.room) // who waits for room need not wait longer
	q.room = make(chan struct{})
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

// lost says what did not reach the disk.
func (q *queue) lost() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.unstored:
		return fmt.Errorf("writing the log: %w", q.failing)
	case q.dropped > 0:
		return fmt.Errorf("writing the log: %d lines were dropped: %w", q.dropped, q.reason)
	}
	return nil
}
