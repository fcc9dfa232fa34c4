package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"
)

// maxLineBytes is where a line without an end is cut.
const maxLineBytes = 64 << 10

// logWriter takes a plugin's standard error apart: hclog's JSON lines go to the host's log at their own level, all
// others at debug. Unlike go-plugin's own reader it survives every input. It is used by one goroutine.
type logWriter struct {
	logger hclog.Logger
	words  *lastWords
	line   []byte
}

// Write implements io.Writer and never fails.
func (w *logWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			w.line = append(w.line, p...)
			if len(w.line) >= maxLineBytes {
				w.flush()
			}
			break
		}
		w.line = append(w.line, p[:i]...)
		w.flush()
		p = p[i+1:]
	}
	return n, nil
}

func (w *logWriter) flush() {
	line := strings.ToValidUTF8(strings.TrimRight(string(w.line), "\r"), "\uFFFD")
	w.line = w.line[:0]
	if line == "" {
		return
	}
	entry, ok := parseEntry(line)
	if !ok {
		w.words.add(line)
		w.logger.Debug(line)
		return
	}
	w.words.add(entry.message)
	w.logger.Log(entry.level, entry.message, entry.fields...)
}

// logEntry is a line of hclog's JSON format.
type logEntry struct {
	level   hclog.Level
	message string
	fields  []any
}

// parseEntry reads a line of hclog's JSON format. Any JSON object with a message will do, whatever its types.
func parseEntry(line string) (logEntry, bool) {
	var doc map[string]any
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &doc) != nil {
		return logEntry{}, false
	}
	message, ok := doc["@message"]
	if !ok {
		return logEntry{}, false
	}
	level, _ := doc["@level"].(string)
	entry := logEntry{level: hclog.LevelFromString(level), message: fmt.Sprint(message)}
	if entry.level == hclog.NoLevel || entry.level == hclog.Off {
		entry.level = hclog.Debug
	}
	var keys []string
	for key := range doc {
		if !strings.HasPrefix(key, "@") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		entry.fields = append(entry.fields, key, doc[key])
	}
	return entry, true
}
