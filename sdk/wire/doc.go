// Package wire carries sdk.Provider and sdk.Builder over gRPC: Register puts an implementation behind the services of
// icc.plugin.v1, and Client is the same interfaces again on the other side, so that callers cannot tell a plugin from
// an implementation in their own process.
//
// Errors cross with their chain and their codes: errors.Is holds on both sides for the sentinels of package resource
// and for the errors of package context. Everything an action reports arrives in the order in which it was reported,
// and before its result.
//
// The package starts no process and knows no plugin file: package serve is the plugin's main, core/host is the
// other end's.
package wire
