package wire

import (
	"encoding/json"
	"strings"
)

// each converts a slice. Empty slices become nil, which is all that protobuf can tell of them.
func each[From, To any](in []From, convert func(From) To) []To {
	if len(in) == 0 {
		return nil
	}
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = convert(v)
	}
	return out
}

// words converts between slices of string types.
func words[To, From ~string](in []From) []To {
	return each(in, func(s From) To { return To(s) })
}

// raw returns a JSON document, or nil when none came.
func raw(b []byte) json.RawMessage {
	if len(b) == 0 {
		return nil
	}
	return b
}

// legible makes text for people fit for protobuf, which takes valid UTF-8 only. Names are not passed through it: a
// wrong name is worse than an error.
func legible(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
