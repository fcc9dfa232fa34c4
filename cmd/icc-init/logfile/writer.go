package logfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

const (
	// linger gathers what comes in quick succession into one write.
	linger = 10 * time.Millisecond
	// retry is the pause after a failed write.
	retry = 250 * time.Millisecond
	// farewell is how long Close waits for a disk that is slow. One that is full or gone says so at once.
	farewell = 10 * time.Second
)

// Writer is the log of one container.
type Writer struct {
	queue   *queue
	files   *segments
	linger  time.Duration
	closing chan struct{}
	done    chan struct{}
	once    sync.Once

	mu      sync.Mutex
	streams map[string]*stream
}

// Open continues the log in dir, which is made when it is missing. A full disk is no error: it may have room later.
func Open(dir string, limits initspec.Log) (*Writer, error) { return open(dir, limits, linger) }

// OpenEager is Open for a process that is killed without warning: what it has been given is written at once.
func OpenEager(dir string, limits initspec.Log) (*Writer, error) { return open(dir, limits, 0) }

func open(dir string, limits initspec.Log, linger time.Duration) (*Writer, error) {
	w := &Writer{
		queue: newQueue(queueSize), files: &segments{dir: dir}, linger: linger,
		closing: make(chan struct{}), done: make(chan struct{}), streams: map[string]*stream{},
	}
	w.queue.disabled = limits.Disabled
	w.files.limit(limits)
	if limits.Disabled { // nothing is to be written, and not even the directory is needed
		go w.run()
		return w, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		return nil, fmt.Errorf("making the log directory: %w", err)
	}
	go w.run()
	return w, nil
}

// Stream returns where the output of the stream initspec.Stdout or initspec.Stderr goes. Its Write never fails and must
// not run twice at a time. Another call with the same name, after a restart, ends the line that is unfinished.
func (w *Writer) Stream(name string) io.Writer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old := w.streams[name]; old != nil {
		old.end()
	}
	s := newStream(w.queue, name)
	w.streams[name] = s
	return s
}

// Close writes what is in memory and says what could not be written. It gives a slow disk ten seconds.
func (w *Writer) Close() error {
	w.once.Do(func() {
		w.mu.Lock()
		for _, s := range w.streams {
			s.pause()
		}
		w.mu.Unlock()
		w.queue.close()
		close(w.closing)
	})
	select {
	case <-w.done:
		return w.queue.lost()
	case <-time.After(farewell):
	}
	select { // on a busy machine both may come true before anybody looks
	case <-w.done:
		return w.queue.lost()
	default:
		return fmt.Errorf("closing the log: %w", errSlow)
	}
}

// run is the one goroutine that touches the disk.
func (w *Writer) run() {
	defer close(w.done)
	defer w.files.close()
	for {
		closing := false
		select {
		case <-w.queue.wake:
		case <-w.closing:
			closing = true
		}
		w.files.prune()
		for batch := w.queue.take(); len(batch) > 0; batch = w.queue.take() {
			if !w.store(batch) {
				return
			}
			w.queue.stored(batch)
			if len(batch) < keepSize && !closing && w.linger > 0 {
				sleep(w.linger, w.closing)
			}
		}
		if closing {
			return
		}
	}
}

// store appends the batch and tries again until that works; it is false when the log is closed before.
func (w *Writer) store(batch []byte) bool {
	for {
		rest, err := w.files.append(batch)
		if err == nil {
			return true
		}
		batch = rest
		w.queue.failed(err)
		if !sleep(retry, w.closing) {
			_, err := w.files.append(batch)
			return err == nil
		}
	}
}

// sleep is false when the time was cut short.
func sleep(d time.Duration, cut <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-cut:
		return false
	}
}
