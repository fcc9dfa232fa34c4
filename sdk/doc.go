// Package sdk is what a plugin author implements: Provider for resource kinds, Builder for image builders.
//
// The same interfaces are implemented by the plugins, by in-process fakes in tests and by the gRPC clients in
// core/host, so the scheduler sees one thing only. Package serve turns an implementation into a plugin binary,
// package wire carries it over gRPC, package kinds holds the built-in kinds' configurations, and package incus
// dials the server.
//
// This package imports neither the Incus client nor anything of core, cmd or plugins.
package sdk
