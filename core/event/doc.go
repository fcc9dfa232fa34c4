// Package event is what happens during a run, as a stream: progress of resources, output of processes, notices.
// The engine writes it, views read it: a live terminal, plain lines, JSON.
//
// It formats nothing and keeps nothing.
package event
