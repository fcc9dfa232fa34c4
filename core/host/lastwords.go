package host

import (
	"slices"
	"strings"
	"sync"
)

// The amount of a plugin's standard error that is kept for the message about its end.
const (
	keptLines     = 100
	keptLineBytes = 2048
	shownLines    = 8
)

// lastWords keeps the end of what a plugin wrote to standard error.
type lastWords struct {
	mu    sync.Mutex
	lines []string
}

func (w *lastWords) add(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) == keptLines {
		w.lines = w.lines[1:]
	}
	w.lines = append(w.lines, line[:min(len(line), keptLineBytes)])
}

// all returns the kept lines.
func (w *lastWords) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.lines)
}

// String returns the part that says why the plugin ended: a panic with the top of its stack, or else the last lines.
func (w *lastWords) String() string {
	lines := w.all()
	start := slices.IndexFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "panic: ") || strings.HasPrefix(l, "fatal error: ") ||
			strings.HasPrefix(l, "runtime: out of memory") || strings.HasPrefix(l, "SIGSEGV")
	})
	if start < 0 {
		start = max(len(lines)-3, 0)
	}
	end := min(start+shownLines, len(lines))
	return strings.TrimSpace(strings.Join(lines[start:end], "\n"))
}
