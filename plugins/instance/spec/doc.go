// Package spec turns the declaration of an instance, and what its image, networks and volumes have put out, into the
// configuration and devices that Incus is to have. It is where Compose's words become Incus' words.
//
// Everything here is pure: no server, no clock, no file is asked, so the same input gives the same Instance and the
// same hash on every machine. What only a server or a host can answer (the number behind a user name, a free port) is
// left open in the Instance and filled in by whoever creates it.
package spec
