package builders

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

// Heard keeps what a build reported.
type Heard struct {
	mu       sync.Mutex
	output   strings.Builder
	notices  []string
	progress []resource.Progress
}

// Progress implements resource.Sink.
func (h *Heard) Progress(p resource.Progress) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.progress = append(h.progress, p)
}

// Output implements resource.Sink.
func (h *Heard) Output(_ resource.Stream, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.output.Write(data)
}

// Notice implements resource.Sink.
func (h *Heard) Notice(_ resource.Level, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notices = append(h.notices, text)
}

// Notices returns what the user was told.
func (h *Heard) Notices() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notices
}

// Steps returns the texts of the progress.
func (h *Heard) Steps() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var steps []string
	for _, p := range h.progress {
		steps = append(steps, fmt.Sprintf("%d%% %s", p.Percent, p.Text))
	}
	return steps
}

// String returns the output of both streams.
func (h *Heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.output.String()
}

// wants checks an error's sentinel, text and hint.
func wants(t *testing.T, err, sentinel error, text, hint string) {
	t.Helper()
	if !errors.Is(err, sentinel) || !strings.Contains(err.Error(), text) || !strings.Contains(resource.Hint(err), hint) {
		t.Errorf("got %v (hint: %s), want %v about %q with a hint like %q", err, resource.Hint(err), sentinel, text, hint)
	}
}
