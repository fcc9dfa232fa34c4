// Package guestapi talks to Incus' guest API, the socket that the server puts into every instance: it reads the spec
// and reports whether the instance is ready.
//
// It speaks the little HTTP that takes by hand, because net/http alone would double the size of icc-init.
package guestapi
