package compose

import (
	"bytes"
	"slices"
)

// Mentions says whether a word stands in the compose files, which are not parsed for that: somewhere, in whatever
// meaning. Files that include or extend others, and those that cannot be read or only once, may mention anything.
func Mentions(o LoadOptions, words ...string) bool {
	if slices.Contains(o.Files, stdinName) {
		return true
	}
	s, err := newSession(o)
	if err != nil || s.locate() != nil || slices.Contains(s.files, stdinName) {
		return true
	}
	contents, err := s.read()
	if err != nil {
		return true
	}
	return slices.ContainsFunc(contents, func(c []byte) bool {
		return slices.ContainsFunc(append(words, "include", "extends"), func(w string) bool { return bytes.Contains(c, []byte(w)) })
	})
}
