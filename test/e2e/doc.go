//go:build incus

// Package e2e drives the real icc with its real plugins against a private Incus, as a user does: compose files,
// command lines, terminals and signals go in; standard output, standard error, exit codes and what is on the server
// come out. Each test has a project of its own and says at its end that nothing of it is left.
//
// It refuses to look inside: no package of core, cmd or plugins is imported, and what a user cannot see is no subject
// here. It takes icc from ICC_BIN or bin/ and never builds it.
package e2e
