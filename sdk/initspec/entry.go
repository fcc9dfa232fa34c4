package initspec

import (
	"bytes"
	"errors"
	"time"
)

// Streams of an Entry.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// Entry is one line of output, or a part of a line that is too long or has no end yet.
type Entry struct {
	Time   time.Time
	Stream string
	// Partial says that the line goes on in the stream's next entry.
	Partial bool
	// Text is without the line break.
	Text []byte
}

// timeLayout has a fixed width, so that entries sort by their bytes.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// errEntry says that a line is no Entry: its file was damaged or written by somebody else.
var errEntry = errors.New("not a line of a log")

// AppendEntry appends the entry's line: "TIME STREAM TAG TEXT\n" with the tag F for full and P for partial.
func AppendEntry(dst []byte, e Entry) []byte {
	dst = e.Time.UTC().AppendFormat(dst, timeLayout)
	dst = append(dst, ' ')
	dst = append(dst, e.Stream...)
	if e.Partial {
		dst = append(dst, " P "...)
	} else {
		dst = append(dst, " F "...)
	}
	dst = append(dst, e.Text...)
	return append(dst, '\n')
}

// ParseEntry reads one line without its line break. Text shares the line's memory.
func ParseEntry(line []byte) (Entry, error) {
	stamp, rest, ok := bytes.Cut(line, []byte{' '})
	if !ok {
		return Entry{}, errEntry
	}
	at, err := time.Parse(timeLayout, string(stamp))
	if err != nil {
		return Entry{}, errEntry
	}
	stream, rest, ok := bytes.Cut(rest, []byte{' '})
	if !ok || len(rest) < 2 || rest[1] != ' ' {
		return Entry{}, errEntry
	}
	e := Entry{Time: at, Partial: rest[0] == 'P', Text: rest[2:]}
	switch string(stream) {
	case Stdout:
		e.Stream = Stdout
	case Stderr:
		e.Stream = Stderr
	default:
		return Entry{}, errEntry
	}
	return e, nil
}
