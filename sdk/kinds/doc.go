// Package kinds holds the configurations and outputs of the built-in resource kinds: what core/compose writes into
// declarations, what the plugins read, and what they hand to each other. The JSON forms are part of the protocol;
// fields are added, never renamed.
//
// It holds data only. What the fields become on a server is the plugins' business.
package kinds
