// Package rules holds the tests that keep the house as design.md wants it: who may import whom, how long a file may be,
// what every package has, what no package has, and whether the documents speak of things that exist.
//
// It reads sources and asks `go list`. It judges no code's behaviour: that is for the tests beside the code.
package rules
