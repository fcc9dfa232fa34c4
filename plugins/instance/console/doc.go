// Package console reads what an instance has written to its console. Incus keeps the last 128 KiB in a ring, without
// timestamps and with both streams in one, and goes on serving the last run's content while an instance is stopped.
//
// Following means reading the ring again and again and passing on what is new. When more was written in between than
// the ring holds, that is said instead of hidden.
package console
