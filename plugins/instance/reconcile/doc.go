// Package reconcile compares what an instance should be with what it is: which fields differ, how gently each can be
// changed, and how the two are put together without losing what a person added by hand.
//
// It is pure. It decides what has to happen; package lifecycle does it.
package reconcile
