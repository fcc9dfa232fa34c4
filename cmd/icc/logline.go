package main

import (
	"bytes"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// logLine is one line that an instance has printed.
type logLine struct {
	lineKey
	// at is when it was printed and stamp the same as text; both are empty when that is not known.
	at    time.Time
	stamp []byte
	text  []byte
}

// lineKey tells the unfinished lines of an instance's two streams apart.
type lineKey struct {
	ref    resource.Ref
	stream resource.Stream
}

// splitter makes whole lines of the pieces of logs that arrive. Logs are always asked for with their times: they are
// needed to bring lines into order, and taken off again by whoever prints.
type splitter struct {
	partial map[lineKey][]byte
	emit    func(logLine)
}

func newSplitter(emit func(logLine)) *splitter {
	return &splitter{partial: make(map[lineKey][]byte), emit: emit}
}

func (s *splitter) add(key lineKey, data []byte) {
	if rest := s.partial[key]; len(rest) > 0 {
		data = append(rest, data...)
	}
	for {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			break
		}
		s.emit(newLogLine(key, line))
		data = rest
	}
	s.partial[key] = bytes.Clone(data)
}

// flush emits the lines of an instance that never ended.
func (s *splitter) flush(ref resource.Ref) {
	for _, stream := range []resource.Stream{resource.Stdout, resource.Stderr} {
		key := lineKey{ref, stream}
		if line := s.partial[key]; len(line) > 0 {
			s.emit(newLogLine(key, line))
		}
		delete(s.partial, key)
	}
}

// stampLength is that of the times that the instance plugin puts before lines: they have nine digits of a second, in
// UTC. Other times are part of what the process has printed.
const stampLength = len("2006-01-02T15:04:05.000000000Z")

// newLogLine takes the time off a line that begins with one. The line is copied.
func newLogLine(key lineKey, line []byte) logLine {
	l := logLine{lineKey: key, text: bytes.Clone(bytes.TrimRight(line, "\r"))}
	stamp, text, _ := bytes.Cut(l.text, []byte(" "))
	if len(stamp) != stampLength || stamp[stampLength-1] != 'Z' {
		return l
	}
	if at, err := time.Parse(time.RFC3339Nano, string(stamp)); err == nil {
		l.at, l.stamp, l.text = at, stamp, text
	}
	return l
}
