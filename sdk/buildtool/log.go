package buildtool

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// kept is how many of a build's last lines an error shows.
const kept = 12

// Step is an instruction of the Containerfile that begins, or that has just failed.
type Step struct {
	Text string
	// Instruction is the part of the text that stands in the Containerfile.
	Instruction string
	// Percent says how much of the build lies before it.
	Percent int
}

// FindStep returns the step that a line of a tool's output speaks of. It is called for each line in order.
type FindStep func(line string) (Step, bool)

// Log passes on what a build prints, line by line, and remembers what an error will need.
type Log struct {
	mu      sync.Mutex
	sink    resource.Sink
	find    FindStep
	last    []string
	step    Step
	partial map[resource.Stream]*bytes.Buffer
}

// NewLog returns a log that passes on to sink. find may be nil.
func NewLog(sink resource.Sink, find FindStep) *Log {
	if find == nil {
		find = func(string) (Step, bool) { return Step{}, false }
	}
	return &Log{sink: sink, find: find, partial: map[resource.Stream]*bytes.Buffer{resource.Stdout: {}, resource.Stderr: {}}}
}

type streamWriter func([]byte) (int, error)

// Write implements io.Writer.
func (w streamWriter) Write(p []byte) (int, error) { return w(p) }

func (l *Log) writer(stream resource.Stream) io.Writer {
	return streamWriter(func(p []byte) (int, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		buffer := l.partial[stream]
		buffer.Write(p)
		for {
			at := bytes.IndexByte(buffer.Bytes(), '\n')
			if at < 0 {
				return len(p), nil
			}
			l.line(stream, buffer.Next(at+1))
		}
	})
}

// flush passes on last lines without an end.
func (l *Log) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, stream := range []resource.Stream{resource.Stdout, resource.Stderr} {
		if buffer := l.partial[stream]; buffer.Len() > 0 {
			l.line(stream, append(buffer.Next(buffer.Len()), '\n'))
		}
	}
}

func (l *Log) line(stream resource.Stream, line []byte) {
	l.sink.Output(stream, line)
	text := strings.TrimRight(string(line), "\r\n")
	if step, ok := l.find(text); ok {
		l.step = step
		l.sink.Progress(resource.Progress{Percent: step.Percent, Text: step.Text})
	}
	l.last = append(l.last, text)
	if len(l.last) > kept {
		l.last = l.last[1:]
	}
}

// Tail returns the last lines.
func (l *Log) Tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

// at names the step of a build that ran last, and where it stands if that is known.
func (l *Log) at(c kinds.BuildConfig) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.step.Text == "" {
		return ""
	}
	if where := place(c, l.step.Instruction); where != "" {
		return fmt.Sprintf(" at %s, %s", where, l.step.Text)
	}
	return fmt.Sprintf(" at %s", l.step.Text)
}
