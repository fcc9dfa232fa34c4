// Package incus connects a plugin to the server its host chose and smooths the edges of the Incus client: waiting for
// operations under a context, telling errors apart, and marking what icc makes.
//
// It does not choose servers, read client configurations or hold keys: that is core/connect's work in the host process.
package incus
