// Package builders is the test suite that every builder of this repository passes, so that a Containerfile gives the
// same image whatever tool the host has. A builder's tests run it on the host of a testbed, where the tools find a
// registry with base images:
//
//	func TestMain(m *testing.M) { os.Exit(testbed.OnHost(m, "podman")) }
//
//	func TestSuite(t *testing.T) {
//		builders.Run(t, builders.Case{New: newBuilder, Tool: "podman", …})
//	}
//
// What an image must be like is written down here once, not compared between builders: each package can be run alone.
// A builder says by Probe what its tool cannot do; the suite then expects a refusal. It skips nothing.
package builders
