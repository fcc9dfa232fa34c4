// Package testbed gives Go tests a real Incus: the private server that test/testbed/bed starts.
//
// A test asks for it with [Env] and never gets a substitute: where no server runs, the test fails and says which
// command starts one. What a test runs through [Host.Command] runs "on that host", in the server's network
// namespace, where published ports listen and the registry answers. Compose projects live in folders from
// [Host.ProjectDir], because only those exist at the same path inside the server's root.
//
// A package whose tests count what is on the server ([Host.LeavesNothing]) calls [Main] from its TestMain: go test
// runs packages at the same time, and each of them then has a server of its own (1.5 seconds).
//
// The package refuses to install anything and to skip anything: the first is the work of "bed install", and a
// skipped test is one that nobody misses.
package testbed
