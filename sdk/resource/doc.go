// Package resource is the vocabulary that the core and the plugins share: what a resource is called (Ref, Kind),
// what can be done with it (Action, Options), how it stands (State, Change), what it reports while something happens
// (Progress, Output, Notice) and how it fails (Error and the sentinels).
//
// It knows no transport, no Incus and no Compose, and imports the standard library only. The priorities and sentinels
// follow incus-compose's client package, so that a reader of that API finds every concept again.
package resource
