package guest

import "sync"

// tailSize is how much of a command's output is kept, as of a health test's in Docker.
const tailSize = 4096

// Tail keeps the end of what is written to it. Both streams of a command may write at once.
type Tail struct {
	mu   sync.Mutex
	data []byte
}

// Write implements io.Writer.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if extra := len(t.data) - tailSize; extra > 0 {
		t.data = append(t.data[:0], t.data[extra:]...)
	}
	return len(p), nil
}

// String returns what was kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}
