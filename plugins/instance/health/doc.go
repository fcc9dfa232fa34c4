// Package health finds out whether a service works, by Docker's rules for intervals, retries and the start period. It
// is used while somebody waits for a service to become healthy (Wait), and by whoever watches it (Monitor).
//
// It knows nothing of Incus: how a test is run, it is told.
package health
