package serve

import (
	"os"
	"runtime/debug"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/wire"
)

// gcPercent lets the heap grow to about 20 MB before the first collection.
const gcPercent = 400

// Main runs the program as a plugin and does not return. impl is an sdk.Provider or an sdk.Builder, or both; a
// provider may also implement sdk.Sessions and sdk.Caller.
func Main(impl any) {
	// A plugin's life is short: collecting garbage below some ten megabytes costs more time than the memory is worth.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	handshake := wire.Handshake()
	if os.Getenv(handshake.MagicCookieKey) != handshake.MagicCookieValue || len(os.Args) > 1 {
		os.Exit(byHand(impl, os.Args[1:], os.Stdout, os.Stderr))
	}
	logger := hclog.New(&hclog.LoggerOptions{
		Level:      logLevel(os.Getenv("ICC_LOG")),
		Output:     os.Stderr,
		JSONFormat: true,
	})
	life := newLifetime(logger)
	life.watchSignals()
	life.watchLifeline()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: handshake,
		VersionedPlugins: map[int]plugin.PluginSet{
			sdk.Protocol: {wire.PluginName: &wire.GRPCPlugin{Impl: impl}},
		},
		Logger: logger,
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(append(opts, wire.ServerOptions()...), life.serverOptions()...)...)
		},
	})
	life.finish("the host has ended the plugin")
}

// logLevel reads ICC_LOG, which the host hands on. The host filters again, so the default spares it only the noise.
func logLevel(s string) hclog.Level {
	if l := hclog.LevelFromString(s); l != hclog.NoLevel {
		return l
	}
	return hclog.Info
}
