package initspec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
)

// AppletReload reads the orders again and applies what needs no new start of the command: reload. It returns when they
// are in force and the State says so; see the exit codes Reload*. An icc-init from before it knows no such applet, and
// so answers as to any mistake.
const AppletReload = "reload"

// Exit codes of AppletReload. Everything else means that nothing has changed; the reason is on stderr.
const (
	ReloadDone    = 0
	ReloadUnknown = 2  // this icc-init is too old to know the applet
	ReloadRestart = 10 // some of the orders wait for the container's next start, the others are in force
)

// Reload returns the orders s with all of next that PID 1 can change while the command runs, and whether that makes them
// next. What the command itself was started with stays.
func (s Spec) Reload(next Spec) (now Spec, complete bool) {
	now = s
	now.Hosts, now.DNSOptions, now.Resolvers = next.Hosts, next.DNSOptions, next.Resolvers
	now.StopSignal, now.Grace, now.Restart = next.StopSignal, next.Grace, next.Restart
	now.Health, now.Log = next.Health, next.Log
	now.PostStart, now.PreStop = next.PostStart, next.PreStop
	return now, bytes.Equal(document(now), document(next))
}

func document(s Spec) []byte {
	raw, _ := json.Marshal(s) // a plain struct always encodes
	return raw
}

// Digest is the short name of orders as they are in the configuration, by which State.Orders tells which are in force.
func Digest(orders []byte) string {
	h := fnv.New128a()
	_, _ = h.Write(orders)
	return hex.EncodeToString(h.Sum(nil))
}
