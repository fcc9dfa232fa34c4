// Package stdio connects the main process' standard streams with the log and with attached clients: two pipes, or a
// terminal.
//
// One loop copies both pipes, so that the log has in order whatever can be known to be in order: a line of stdout never
// comes after one of stderr that was written later, and a line of stderr comes before one of stdout that was written
// after the loop has looked at it.
//
// The loop takes everything the process writes before the end is told. A descriptor that somebody else keeps open does
// not hold up the end for longer than the given patience.
package stdio
