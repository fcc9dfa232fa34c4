// Package console reads what an instance has written to its console, and keeps it.
//
// Incus collects a container's output in a ring of 128 KiB, without timestamps and with both streams in one. Reading
// the ring empties it: each byte is handed out once. When the instance stops, what is left in the ring (or, if nothing
// is, all that was ever handed out) becomes a file that the server serves instead. So whatever is fetched here goes
// into a file of the Store before it is shown, and several readers on this machine share that file: asking for the
// log twice shows it twice, and two followers see every line each.
//
// What another machine has fetched is not seen here, and what a service writes faster than the ring is emptied is
// lost, which is said. icc-init will keep logs on the server's side and end both.
package console
