// Package provider is the instance kind's sdk.Provider: it decodes requests, hands them to the packages that do the
// work, and encodes the answers. It also implements sdk.Sessions (exec, attach) and sdk.Caller (port, kill, top,
// exit).
//
// It holds the settings and one connection, and nothing else between two calls.
package provider
