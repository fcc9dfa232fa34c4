package naming

import (
	"crypto/rand"
	"strings"
)

// RandString returns n characters of [a-z2-7] that nobody can guess. Each carries five bits.
func RandString(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(rand.Text())
	}
	return strings.ToLower(b.String()[:max(n, 0)])
}
