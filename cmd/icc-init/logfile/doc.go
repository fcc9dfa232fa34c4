// Package logfile keeps the output of the service in files: it cuts the streams into lines, stamps each with the time it
// was read, and appends them as entries of sdk/initspec to numbered segments, of which the oldest go.
//
// The service comes first. Its output is put into memory of a bounded size, and one goroutine writes that to the disk; a
// reader of the file sees a line within some 20 ms. A service that writes faster than a healthy disk is slowed down, as a
// full pipe would do it. When the disk is full, gone, or stuck, nobody waits for it: lines are dropped, counted, and the
// count is an entry of the log as soon as there can be one.
//
// The package refuses to sync, to compress, and to know who reads.
package logfile
