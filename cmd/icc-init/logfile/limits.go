package logfile

import (
	"os"
	"sync/atomic"

	"github.com/icc-project/icc/sdk/initspec"
)

// defaultSize and defaultFiles are those of initspec.Log.
const (
	defaultSize  = 20 << 20
	defaultFiles = 5
)

// limits bound the segments; they may change at any time.
type limits struct {
	maxSize, maxFiles atomic.Int64
	// excess says that there may be more files than that.
	excess atomic.Bool
}

// limit sets the bounds.
func (l *limits) limit(log initspec.Log) {
	size, files := log.MaxSize, log.MaxFiles
	if size <= 0 {
		size = defaultSize
	}
	if files <= 0 {
		files = defaultFiles
	}
	l.maxSize.Store(size)
	if l.maxFiles.Swap(int64(files)) > int64(files) {
		l.excess.Store(true)
	}
}

// SetLimits changes the log's bounds, or switches it on or off. What has been written stays as far as the bounds allow.
func (w *Writer) SetLimits(log initspec.Log) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if log.Disabled {
		for _, s := range w.streams {
			s.end()
		}
	}
	w.queue.mu.Lock()
	w.queue.disabled = log.Disabled
	w.queue.mu.Unlock()
	w.files.limit(log)
	w.queue.signal()
}

// prune removes the oldest files after the bounds have become narrower. What cannot be removed now is removed when the
// next file is begun.
func (s *segments) prune() {
	if !s.excess.Swap(false) {
		return
	}
	numbers, err := s.list()
	for most := int(s.maxFiles.Load()); err == nil && len(numbers) > most; numbers = numbers[1:] {
		err = os.Remove(s.path(numbers[0]))
	}
}
