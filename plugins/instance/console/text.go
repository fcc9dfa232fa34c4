package console

import "bytes"

// Clean turns a terminal's line ends into ordinary ones.
func Clean(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// Tail returns the last n lines; a negative n means all.
func Tail(text []byte, n int) []byte {
	if n < 0 {
		return text
	}
	at := len(text)
	if at > 0 && text[at-1] == '\n' {
		at--
	}
	for ; n > 0; n-- {
		at = bytes.LastIndexByte(text[:at], '\n')
		if at < 0 {
			return text
		}
	}
	if at == len(text) {
		return nil
	}
	return text[at+1:]
}
