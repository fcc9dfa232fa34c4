// Package watch looks after the instances that have no icc-init: system containers, virtual machines, and services with
// `x-icc: {init: off}`. It runs their health tests, records what it finds out under the user.healthcheck.* keys, and
// starts again what has ended by itself when Incus gave up.
//
// A Watcher follows the event stream of the server and lists everything at its begin and after each loss of the stream,
// so it needs no memory beyond the server's. Each instance has a guard of its own, a goroutine that gets to know of
// events in their order and reads the instance before it does anything. How the server is talked to is in Incus; the
// rest knows only the two interfaces in front of it.
//
// It never touches an instance that icc did not make, that icc-init looks after, or that opted out, never starts what
// somebody stopped, and never judges an instance by what it found out of another run or another instance of the name.
package watch
