// Package conformance tests the instance plugin on a real Incus: that what it makes behaves as Docker's containers do,
// and that it leaves nothing half made. The tests carry the build tag incus and need the testbed; see test/testbed.
//
// They talk to the provider in this process, and make networks, volumes and images with the bare Incus client, so
// that no other plugin has to be there.
package conformance
