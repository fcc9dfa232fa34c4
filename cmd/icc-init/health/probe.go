package health

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// outputSize is how much of a test's output is kept.
const outputSize = 4096

// notRun is the exit code of a test that has none: it took too long, or could not be run.
const notRun = -1

// test runs the test once, for no longer than the timeout.
func (m *monitor) test(ctx context.Context, timeout time.Duration) initspec.HealthResult {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var output head
	start := time.Now()
	code, err := m.Run(ctx, m.argv, &output)
	result := initspec.HealthResult{Start: start.UTC(), End: time.Now().UTC(), ExitCode: code, Output: output.text("")}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		result.ExitCode = notRun
		result.Output = output.text(fmt.Sprintf("Health check exceeded timeout (%v)", timeout))
	case err != nil:
		if code == 0 {
			result.ExitCode = notRun
		}
		result.Output = output.text(err.Error())
	}
	return result
}

// head keeps the beginning of what is written, and takes the rest without a word. Processes that outlive the test may
// still write.
type head struct {
	mu   sync.Mutex
	kept []byte
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept = append(h.kept, p[:min(len(p), outputSize-len(h.kept))]...)
	return len(p), nil
}

// text returns the first bytes of the reason, if any, and the output.
func (h *head) text(reason string) string {
	h.mu.Lock()
	text := string(h.kept)
	h.mu.Unlock()
	if reason != "" && text != "" {
		reason += ": "
	}
	text = reason + text
	return strings.ToValidUTF8(text[:min(len(text), outputSize)], "\uFFFD")
}
