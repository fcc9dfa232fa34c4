// Package naming turns the names of compose files into names that Incus accepts, without two different things ever
// getting the same name.
//
// Incus allows instances 63 characters of letters, digits and hyphens, and networks 15, because a network's name is
// the name of a host interface and lives in a namespace that all projects share.
package naming
