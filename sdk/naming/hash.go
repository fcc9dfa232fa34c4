package naming

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
)

// Hash returns 52 characters of [a-z2-7] that stand for the list of parts: the SHA-256 in lower-case base32. Lists that
// differ in any way, also in where one part ends and the next begins, have different hashes.
func Hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	enc := base32.StdEncoding.WithPadding(base32.NoPadding)
	return strings.ToLower(enc.EncodeToString(h.Sum(nil)))
}

// tagLen is the length of a tag without its hyphen.
const tagLen = 6

// tag returns the short hash that ends a name which could not be kept as it was. It begins with a digit, which ordinary
// last words of names ("worker") do not, so that hasTag can tell the two kinds of names apart.
func tag(parts ...string) string {
	h := Hash(parts...)
	return string("234567"[h[tagLen]%6]) + h[:tagLen-1]
}

// hasTag says whether name ends as if it had a tag. Such a name is never used as it is, or a service that somebody
// named like another one's tagged name would take its place.
func hasTag(name string) bool {
	last := name[strings.LastIndexByte(name, '-')+1:]
	if len(last) != tagLen || last[0] < '2' || last[0] > '7' {
		return false
	}
	return strings.Trim(last, "abcdefghijklmnopqrstuvwxyz234567") == ""
}
