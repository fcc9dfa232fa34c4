package wire

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk"
)

// PluginName is the name of the one plugin in an icc plugin's set, in go-plugin's terms.
const PluginName = "icc"

// LifelineEnv names the environment variable with the number of a file descriptor that reports end of file when the
// host is gone, however it went.
const LifelineEnv = "ICC_LIFELINE_FD"

// HostEnv names the environment variable with the host's process number. A plugin outlives a host that is killed by the
// moment it needs to clean up; this is how the next host sees that it still does.
const HostEnv = "ICC_HOST_PID"

// Handshake returns what host and plugin must agree on before they talk. The cookie tells an icc plugin from another
// program; it is no secret.
func Handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{
		ProtocolVersion:  sdk.Protocol,
		MagicCookieKey:   "ICC_PLUGIN",
		MagicCookieValue: "d6c3a1f0-icc-plugin",
	}
}

// GRPCPlugin is the protocol in go-plugin's terms.
type GRPCPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	// Impl is an sdk.Provider or sdk.Builder; the host leaves it nil.
	Impl any
}

// GRPCServer implements plugin.GRPCPlugin.
func (p *GRPCPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	return Register(s, p.Impl)
}

// GRPCClient implements plugin.GRPCPlugin. It returns a *Client.
func (p *GRPCPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewClient(conn), nil
}

// DialOptions are the options of the host's connection.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithDefaultCallOptions(
		grpc.MaxCallRecvMsgSize(MaxMessageBytes), grpc.MaxCallSendMsgSize(MaxMessageBytes),
	)}
}

// ServerOptions are the options of the plugin's server.
func ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{grpc.MaxRecvMsgSize(MaxMessageBytes), grpc.MaxSendMsgSize(MaxMessageBytes)}
}
