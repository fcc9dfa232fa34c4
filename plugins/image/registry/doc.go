// Package registry reads from OCI registries what Incus does not pass on: which image a reference means right now
// (its manifest's digest for the server's architecture) and how it wants to be run (its configuration).
//
// It writes only what is pushed, and downloads layers only when the server cannot fetch them itself.
package registry
