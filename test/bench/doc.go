//go:build incus

// Command bench measures what icc promises about speed and memory, on a private Incus of its own (test/testbed):
//
//	go run -tags incus ./test/bench                      # the whole table, about eight minutes on two cores
//	go run -tags incus ./test/bench -sizes 20 -runs 5    # one size
//
// Speed is a ratio within one run against the floor: the same containers made directly with the Incus client by as
// many workers. Floor and icc take turns, so that noise hits both. The table has the median, the spread and the
// number of runs.
//
// It refuses to be a test: a number that misses its bar is printed as MISSED and fails nothing, because a busy machine
// is no defect. It takes icc from ICC_BIN or bin/ and never builds it.
package main
