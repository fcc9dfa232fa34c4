package reference

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// maxAlias is the longest name that Incus gives an image.
	maxAlias = 64
	// shownDigits is how much of a digest an alias shows; the rest adds nothing for people.
	shownDigits = 12
	tagDigits   = 10
)

// Alias returns the image's name on the server: the complete reference, and the variant behind a "#" when the server
// may have others. What Incus finds too long ends in a hash of the whole.
func (r Reference) Alias(variant string) string {
	full := r.Name
	if variant != "" {
		full += "#" + variant
	}
	if len(full) <= maxAlias {
		return full
	}
	sum := sha256.Sum256([]byte(full))
	tag := "~" + hex.EncodeToString(sum[:])[:tagDigits]
	short := full
	if r.Digest != "" {
		_, digits, _ := strings.Cut(r.Digest, ":")
		short = strings.Replace(full, digits, digits[:shownDigits], 1)
	}
	return short[:min(len(short), maxAlias-len(tag))] + tag
}
