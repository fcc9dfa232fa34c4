package buildtool

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// heard keeps what a build reported.
type heard struct {
	mu       sync.Mutex
	output   strings.Builder
	progress []resource.Progress
}

func (h *heard) Progress(p resource.Progress) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.progress = append(h.progress, p)
}

func (h *heard) Output(stream resource.Stream, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(&h.output, "%s: %s", stream, data)
}

func (h *heard) Notice(resource.Level, string) {}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.output.String()
}

// findInstruction takes lines such as "DO 2: x" for steps.
func findInstruction(line string) (Step, bool) {
	var n int
	_, err := fmt.Sscanf(line, "DO %d:", &n)
	return Step{Text: line, Percent: n}, err == nil
}

func TestLogPassesLinesAndProgress(t *testing.T) {
	t.Parallel()
	sink := &heard{}
	l := NewLog(sink, findInstruction)
	for _, part := range []string{"DO 1: a\nD", "O 50: x\n", "DO 75: b\nno end"} {
		if _, err := l.writer(resource.Stdout).Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.writer(resource.Stderr).Write([]byte("oops\n")); err != nil {
		t.Fatal(err)
	}
	l.flush()
	want := "stdout: DO 1: a\nstdout: DO 50: x\nstdout: DO 75: b\nstderr: oops\nstdout: no end\n"
	if diff := cmp.Diff(want, sink.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	var percents []int
	for _, p := range sink.progress {
		percents = append(percents, p.Percent)
	}
	if diff := cmp.Diff([]int{1, 50, 75}, percents); diff != "" {
		t.Errorf("percentages (-want +got):\n%s", diff)
	}
}

func TestErrorsNameTheStepAndTheLastLines(t *testing.T) {
	t.Parallel()
	l := NewLog(resource.Discard{}, findInstruction)
	output := "DO 1: fetch\nDO 2: make\n" + strings.Repeat("noise\n", 20) + "make: no rule\n"
	if _, err := l.writer(resource.Stderr).Write([]byte(output)); err != nil {
		t.Fatal(err)
	}
	job := &Job{Request: kinds.BuildRequest{Name: "shop-web"}, tool: "mill"}
	none := func(string) string { return "" }
	err := job.Explain(l, exec.Command("false").Run(), none)
	if !errors.Is(err, resource.ErrBuild) || !strings.Contains(err.Error(), "building shop-web failed at DO 2: make") ||
		!strings.Contains(err.Error(), "make: no rule") || strings.Contains(err.Error(), "fetch") {
		t.Errorf("got %v, want the failing step and the last lines only", err)
	}
	if hint := resource.Hint(err); !strings.Contains(hint, "that mill printed") {
		t.Errorf("the hint is %q", hint)
	}
	if err := job.Explain(l, exec.Command("/nowhere").Run(), none); !strings.Contains(err.Error(), "running mill") {
		t.Errorf("a tool that cannot be run: %v", err)
	}
}
