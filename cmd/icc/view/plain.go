package view

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// Plain prints a line when an action begins and one when it ends. It is meant for logs and pipes.
type Plain struct {
	w io.Writer
	// partial holds the unfinished last line of each resource's output.
	partial map[resource.Ref][]byte
	done    int
}

// NewPlain returns a view that writes to w.
func NewPlain(w io.Writer) *Plain {
	return &Plain{w: w, partial: make(map[resource.Ref][]byte)}
}

// Handle shows one event. Calls must not overlap.
func (p *Plain) Handle(e event.Event) {
	switch e.Type {
	case event.Started:
		p.line(e, wordsFor(e).doing)
	case event.Done:
		p.flush(e)
		p.done++
		p.line(e, fmt.Sprintf("%s  %s", doneWord(e), seconds(e.Elapsed)))
	case event.Failed:
		p.flush(e)
		word, _ := failure(e.Err) // what went wrong is said at the end, with what to do next
		p.line(e, word)
	case event.Skipped:
		p.line(e, "Skipped")
	case event.Output:
		p.output(e)
	case event.Notice:
		printNotice(p.w, e)
	case event.Summary:
		printSummary(p.w, p.done, e)
		p.done = 0
	}
}

// Close implements View.
func (p *Plain) Close() {}

func (p *Plain) line(e event.Event, text string) {
	fmt.Fprintf(p.w, " %s  %s\n", subject(e), text)
}

// output prints whole lines with the resource's name before them.
func (p *Plain) output(e event.Event) {
	data := append(p.partial[e.Ref], e.Data...)
	for {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			break
		}
		fmt.Fprintf(p.w, " %s | %s\n", e.Ref.Name, bytes.TrimRight(line, "\r"))
		data = rest
	}
	p.partial[e.Ref] = bytes.Clone(data)
}

func (p *Plain) flush(e event.Event) {
	if rest := p.partial[e.Ref]; len(rest) > 0 {
		fmt.Fprintf(p.w, " %s | %s\n", e.Ref.Name, rest)
	}
	delete(p.partial, e.Ref)
}

// printNotice prints warnings and information; debug notices are for --debug, which logs them elsewhere.
func printNotice(w io.Writer, e event.Event) {
	if e.Level == resource.LevelDebug {
		return
	}
	prefix := ""
	if e.Level == resource.LevelWarning {
		prefix = "warning: "
	}
	if e.Ref.Name != "" && !resource.Mentions(e.Text, e.Ref.Name) && !resource.Mentions(e.Text, e.IncusName) {
		prefix += subject(e) + ": "
	}
	fmt.Fprintf(w, "%s%s\n", prefix, e.Text)
	if e.Hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", e.Hint)
	}
}

// printSummary prints how much was done and how long it took; a run of nothing is said to be one.
func printSummary(w io.Writer, done int, e event.Event) {
	switch {
	case e.Err != nil:
	case done == 0:
		fmt.Fprintf(w, " Nothing to do  %s\n", seconds(e.Elapsed))
	case done == 1:
		fmt.Fprintf(w, " 1 step done in %s\n", seconds(e.Elapsed))
	default:
		fmt.Fprintf(w, " %d steps done in %s\n", done, seconds(e.Elapsed))
	}
}

// seconds formats a duration for people: "0.3s", "75.1s".
func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }
