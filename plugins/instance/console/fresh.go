package console

import "bytes"

// wrapped is the size from which a ring may have begun to drop its oldest content; Incus' holds 128 KiB.
const wrapped = 100 << 10

// fresh returns what the ring holds now and did not hold before, and whether something between the two was lost.
func fresh(before, now []byte) (added []byte, lost bool) {
	if bytes.HasPrefix(now, before) {
		return now[len(before):], false
	}
	if len(before) < wrapped || len(now) < wrapped {
		return now, false // a ring that is not full only grows: this is that of a new run
	}
	overlap := overlap(before, now)
	return now[overlap:], overlap == 0
}

// overlap returns the length of the longest end of a that is a beginning of b, in linear time (Knuth, Morris, Pratt).
func overlap(a, b []byte) int {
	a = a[max(0, len(a)-len(b)):]
	border := make([]int, len(b)) // border[i] is the longest proper end of b[:i+1] that is also its beginning
	for i, k := 1, 0; i < len(b); i++ {
		for k > 0 && b[i] != b[k] {
			k = border[k-1]
		}
		if b[i] == b[k] {
			k++
		}
		border[i] = k
	}
	k := 0
	for _, c := range a {
		for k > 0 && (k == len(b) || c != b[k]) {
			k = border[k-1]
		}
		if c == b[k] {
			k++
		}
	}
	return k
}
