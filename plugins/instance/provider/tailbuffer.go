package provider

import "sync"

// tailSize is how much of a test's output is kept, as in Docker.
const tailSize = 4096

// tailBuffer keeps the end of what is written to it. Both streams of a command may write at once.
type tailBuffer struct {
	mu   sync.Mutex
	data []byte
}

// Write implements io.Writer.
func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	if extra := len(b.data) - tailSize; extra > 0 {
		b.data = append(b.data[:0], b.data[extra:]...)
	}
	return len(p), nil
}

// String returns what was kept.
func (b *tailBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.data)
}
