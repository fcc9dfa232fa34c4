// Package stack runs things in the order in which they need each other: as many at a time as allowed, the important
// ones first, and nothing before what it needs is done.
//
// A Stack is a graph of Nodes. Add builds it, ForAction and Reverse derive others from it, Run checks it and then runs
// it: what needs nothing is ready; ready nodes start by priority while workers are free; a node that is done
// makes others ready; the first error stops new work, and what runs comes to its end. There are no barriers: a slow node
// holds back what needs it and nothing else.
//
// It knows neither plugins nor servers, and decides nothing about what has to be done: that is core/engine's work.
// It starts nothing again and has no timeouts: a node's function has its own.
package stack
