package resource

import "strings"

// Mentions reports whether the first line of text has name as a word of its own, so that saying it before the text once
// more would tell nothing.
func Mentions(text, name string) bool {
	line, _, _ := strings.Cut(text, "\n")
	for rest := line; name != ""; {
		i := strings.Index(rest, name)
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(name):]
		begins := before == "" || strings.ContainsAny(before[len(before)-1:], " \"'(`")
		if begins && (after == "" || strings.ContainsAny(after[:1], " \"'),:;.`")) {
			return true
		}
		rest = after
	}
	return false
}
