// Package runtimetest serves a directory as a runtime volume, for tests. It speaks real SFTP over a pipe, as the server
// does; it knows nothing of Incus.
package runtimetest
