// Package suggest finds what somebody meant who wrote something that does not exist: a service, an attribute, a flag.
//
// It compares letters only. It knows nothing of what the names stand for, and rather suggests nothing than something
// far off.
package suggest
