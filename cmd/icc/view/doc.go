// Package view shows a run's events to people and programs: live lines on a terminal, plain lines, JSON, or only what
// must not be missed. It also prints tables and log lines.
//
// It decides nothing: what happens is the engine's business, what is said about it is this package's.
package view
