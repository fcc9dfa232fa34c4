package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/icc-project/icc/sdk/resource"
)

// kept is how many of a build's last lines an error shows.
const kept = 12

// buildLog passes on what a build prints, line by line, and remembers what an error will need.
type buildLog struct {
	mu      sync.Mutex
	sink    resource.Sink
	last    []string
	step    string
	partial map[resource.Stream]*bytes.Buffer
}

func newLog(sink resource.Sink) *buildLog {
	return &buildLog{sink: sink, partial: map[resource.Stream]*bytes.Buffer{resource.Stdout: {}, resource.Stderr: {}}}
}

type streamWriter func([]byte) (int, error)

// Write implements io.Writer.
func (w streamWriter) Write(p []byte) (int, error) { return w(p) }

func (l *buildLog) writer(stream resource.Stream) io.Writer {
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
func (l *buildLog) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, stream := range []resource.Stream{resource.Stdout, resource.Stderr} {
		if buffer := l.partial[stream]; buffer.Len() > 0 {
			l.line(stream, append(buffer.Next(buffer.Len()), '\n'))
		}
	}
}

// stepLine is what podman prints before each instruction: "[1/2] STEP 3/5: RUN make".
var stepLine = regexp.MustCompile(`^(?:\[(\d+)/(\d+)\] )?STEP (\d+)/(\d+): (.*)`)

func (l *buildLog) line(stream resource.Stream, line []byte) {
	l.sink.Output(stream, line)
	text := strings.TrimRight(string(line), "\r\n")
	if m := stepLine.FindStringSubmatch(text); m != nil {
		l.step = text
		l.sink.Progress(resource.Progress{Percent: percent(m), Text: text})
	}
	l.last = append(l.last, text)
	if len(l.last) > kept {
		l.last = l.last[1:]
	}
}

// percent says how much lies before a step: stages count the same, and so do the steps of a stage.
func percent(m []string) int {
	number := func(s string, otherwise int) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return otherwise
		}
		return n
	}
	stage, stages := number(m[1], 1), number(m[2], 1)
	step, steps := number(m[3], 1), number(m[4], 1)
	return min(100*((stage-1)*steps+step-1)/(stages*steps), 100)
}

// tail returns the last lines.
func (l *buildLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

// at names the step that ran last.
func (l *buildLog) at() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.step == "" {
		return ""
	}
	return fmt.Sprintf(" at %s", l.step)
}
