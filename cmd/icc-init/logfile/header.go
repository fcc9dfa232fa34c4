package logfile

import (
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// header is the beginning of the entries of one Write. Formatting a time costs more than logging a short line, so the
// time is formatted once and then counted on by a nanosecond for each entry, which keeps the entries in order too.
type header struct {
	start  time.Time
	count  int64 // of entries
	stream string
	line   []byte
}

const (
	nanosEnd = len("2006-01-02T15:04:05.000000000")
	nanosLen = len("000000000")
)

func newHeader(now time.Time, stream string) *header {
	h := &header{start: now, stream: stream}
	h.format()
	return h
}

func (h *header) format() {
	line := initspec.AppendEntry(h.line[:0], initspec.Entry{Time: h.start.Add(time.Duration(h.count)), Stream: h.stream})
	h.line = line[:len(line)-1]
}

// appendEntry appends what initspec.AppendEntry would.
func (h *header) appendEntry(dst, text []byte, partial bool) []byte {
	dst = append(dst, h.line...)
	if partial {
		dst[len(dst)-2] = 'P'
	}
	dst = append(dst, text...)
	h.advance()
	return append(dst, '\n')
}

func (h *header) advance() {
	h.count++
	for i := nanosEnd - 1; i >= nanosEnd-nanosLen; i-- {
		if h.line[i] != '9' {
			h.line[i]++
			return
		}
		h.line[i] = '0'
	}
	h.format() // a second is over
}

// time is that of the latest entry.
func (h *header) time() time.Time { return h.start.Add(time.Duration(max(h.count-1, 0))) }
