package console

import "bytes"

// ringSize is how much the server keeps.
const ringSize = 128 << 10

// added returns the part of a piece that is not stored yet. What comes from the ring always is new. The file of a
// stopped instance is either new, too, or repeats what was handed out before; the one marked as merged is known.
func added(stored []byte, merged string, p piece) []byte {
	if !p.final {
		return p.text
	}
	switch {
	case p.mark != "" && p.mark == merged:
		return nil
	case len(stored) > 0 && bytes.HasPrefix(p.text, stored):
		return p.text[len(stored):] // nothing, or what somebody else has fetched
	case len(p.text) >= minRepeat && bytes.HasSuffix(stored, p.text):
		return nil
	}
	return p.text
}

// minRepeat is the length from which text that ends the stored log is a repetition and no coincidence.
const minRepeat = 64
