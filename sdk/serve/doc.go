// Package serve is the main function of a plugin:
//
//	func main() { serve.Main(newProvider()) }
//
// Started by icc, the program serves the implementation until its host ends the connection, dies or sends SIGTERM.
// Then the contexts of all calls end, they get a moment to undo and to stop their tools, and the process and its
// process group end; the sockets of a host that has died go with them. Interrupts are ignored: what Ctrl-C means is the
// host's decision. Started by hand, the program says what it is; `describe` prints its description as JSON and `version`
// its version.
//
// Standard output belongs to the handshake. What an implementation prints there later ends up in the host's log, and
// so does everything on standard error; hclog.FromContext gives each call a logger.
//
// The package decides nothing about resources, and it never outlives its host.
package serve
