package view

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// refresh is how often the live lines are drawn.
const refresh = 100 * time.Millisecond

// narrow is from how many columns on there is room for the kinds of resources.
const narrow = 60

// TTY keeps one live line per resource. When they do not fit the window, finished ones collapse into one line.
type TTY struct {
	w    io.Writer
	size func() (width, height int)

	mu    sync.Mutex
	rows  []*row
	index map[resource.Ref]*row
	drawn int // lines on the screen now
	frame int
	done  int
	stop  chan struct{}
	ended sync.WaitGroup
}

// row is the live line of one resource.
type row struct {
	label    string
	text     string
	detail   string
	begin    time.Time
	elapsed  time.Duration
	finished bool
	failed   bool
}

// NewTTY returns a view that draws on w, whose size it asks for before each drawing.
func NewTTY(w io.Writer, size func() (width, height int)) *TTY {
	t := &TTY{w: w, size: size, index: make(map[resource.Ref]*row), stop: make(chan struct{})}
	t.ended.Add(1)
	go t.animate()
	return t
}

func (t *TTY) animate() {
	defer t.ended.Done()
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-t.stop:
			return
		case <-tick.C:
			t.mu.Lock()
			t.frame++
			t.draw()
			t.mu.Unlock()
		}
	}
}

// Handle shows one event.
func (t *TTY) Handle(e event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e.Type {
	case event.Notice:
		t.erase()
		printNotice(t.w, e)
	case event.Summary:
		t.draw()
		t.drawn = 0
		printSummary(t.w, t.done, e)
		t.rows, t.index, t.done = nil, make(map[resource.Ref]*row), 0
	default:
		t.update(e)
	}
}

func (t *TTY) update(e event.Event) {
	r := t.index[e.Ref]
	if r == nil {
		r = &row{label: subject(e), begin: e.Time}
		t.rows = append(t.rows, r)
		t.index[e.Ref] = r
	}
	switch e.Type {
	case event.Started:
		r.text, r.detail, r.finished = wordsFor(e).doing, "", false
	case event.Progress:
		r.detail = e.Text
		if e.Percent >= 0 {
			r.detail = fmt.Sprintf("%d%% %s", e.Percent, e.Text)
		}
	case event.Output:
		if line := lastLine(e.Data); line != "" {
			r.detail = line
		}
	case event.Done:
		t.done++
		r.text, r.detail, r.finished, r.elapsed = doneWord(e), "", true, e.Time.Sub(r.begin)
	case event.Failed:
		r.finished, r.failed = true, true
		r.text, r.detail = failure(e.Err)
		r.elapsed = e.Time.Sub(r.begin)
	case event.Skipped:
		r.text, r.finished = "Skipped", true
	}
}

// Close draws the last state and ends the animation.
func (t *TTY) Close() {
	close(t.stop)
	t.ended.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.drawn > 0 {
		t.draw()
		t.drawn = 0
	}
}

// erase removes the live lines, so that something else can be printed in their place.
func (t *TTY) erase() {
	if t.drawn > 0 {
		fmt.Fprintf(t.w, "\x1b[%dA\x1b[J", t.drawn)
		t.drawn = 0
	}
}

// draw replaces the live lines by the current ones.
func (t *TTY) draw() {
	width, height := t.size()
	lines := t.lines(width, height-1)
	var b strings.Builder
	if t.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\x1b[J", t.drawn)
	}
	for _, l := range lines {
		b.WriteString(l)
		b.WriteString("\n")
	}
	t.drawn = len(lines)
	_, _ = io.WriteString(t.w, b.String())
}

// lines returns at most height lines: all rows, or the unfinished and failed ones and a count of the others.
func (t *TTY) lines(width, height int) []string {
	rows := t.rows
	var head []string
	if len(rows) > height {
		var open []*row
		for _, r := range rows {
			if !r.finished || r.failed {
				open = append(open, r)
			}
		}
		head = append(head, fmt.Sprintf(" ✔ %d of %d finished", len(rows)-len(open), len(rows)))
		room := max(height-2, 0)
		rows = open
		if len(open) > room {
			rows = open[:room]
		}
	}
	out := head
	for _, r := range rows {
		out = append(out, t.format(r, width))
	}
	if hidden := len(t.rows) - len(rows); len(head) > 0 && hidden > 0 && len(rows) == max(height-2, 0) {
		out = append(out, "   …")
	}
	return out
}

var spinner = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

func (t *TTY) format(r *row, width int) string {
	mark, elapsed := string(spinner[t.frame%len(spinner)]), time.Since(r.begin)
	switch {
	case r.failed:
		mark, elapsed = "✘", r.elapsed
	case r.finished:
		mark, elapsed = "✔", r.elapsed
	}
	right := seconds(elapsed)
	room := max(width-len(right)-2, 1)
	label := r.label
	if width < narrow {
		_, label, _ = strings.Cut(label, " ") // what happens tells more than what kind of thing it happens to
	}
	left := fmt.Sprintf(" %s %s  %s  %s", mark, label, r.text, r.detail)
	runes := []rune(strings.TrimRight(left, " "))
	if len(runes) > room {
		runes = append(runes[:room-1], '…')
	}
	return string(runes) + strings.Repeat(" ", max(room-len(runes), 0)+1) + right
}

// lastLine returns the last line of data that is not blank.
func lastLine(data []byte) string {
	lines := strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' || r == '\r' })
	for i := len(lines) - 1; i >= 0; i-- {
		if s := strings.TrimSpace(lines[i]); s != "" {
			return s
		}
	}
	return ""
}
