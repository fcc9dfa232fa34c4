// Package statefile keeps initspec.State in its file, so that it can be read from outside the container at any time.
//
// It refuses to fail: a service does not end because its volume is full or gone; the container's console says so.
package statefile
