// Package runstate reads how icc-init says an instance is doing, and makes of it what `icc ps` shows.
//
// The server's listing comes first: a healthy instance and one that runs without a health test need no reading. The
// others' state files are read at once, over one connection. A file that cannot be read or understood becomes a
// message about that instance and never an error of the whole listing.
package runstate
