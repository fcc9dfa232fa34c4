// Package lock lets one run of icc change a Compose project at a time, whoever starts it and wherever. The lock lies on
// the server, where the project's plugin puts it (docs/decisions/0010-locks-on-the-server.md); here is when to ask for it,
// how long to wait, when to take its holder for dead, and when to take it for lost.
//
//	Desk.Take  asks for the lock until it is had (take.go), and waits for its holder meanwhile (wait.go)
//	Lock       renews it until it is given back, and ends a context when it is lost (hold.go)
//
// No clock of another machine counts, and no memory outlives the run: a holder is dead when its process is known to have
// ended, or when its lock stands still while the server answers.
package lock
