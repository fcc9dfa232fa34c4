// Package stdio connects the main process' standard streams with the log and with attached clients: two pipes, or a
// terminal.
//
// Its copying goroutines take everything the process writes before the end is told. A descriptor that somebody else
// keeps open does not hold up the end for longer than the given patience.
package stdio
