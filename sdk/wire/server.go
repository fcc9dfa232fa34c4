package wire

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// describer is what sdk.Provider and sdk.Builder have in common.
type describer interface {
	Describe(ctx context.Context) (*sdk.Description, error)
	Configure(ctx context.Context, s sdk.Settings) error
}

// Register puts impl, an sdk.Provider or sdk.Builder or both, behind the services of the protocol.
func Register(s grpc.ServiceRegistrar, impl any) error {
	provider, isProvider := impl.(sdk.Provider)
	builder, isBuilder := impl.(sdk.Builder)
	if !isProvider && !isBuilder {
		return fmt.Errorf("registering %T: it is neither an sdk.Provider nor an sdk.Builder", impl)
	}
	pb.RegisterPluginServiceServer(s, &pluginServer{impl: impl.(describer)})
	if isProvider {
		pb.RegisterResourcesServiceServer(s, &resourcesServer{impl: provider})
	}
	if isBuilder {
		pb.RegisterBuilderServiceServer(s, &builderServer{impl: builder})
	}
	return nil
}

// pluginServer serves what every plugin speaks.
type pluginServer struct {
	pb.UnimplementedPluginServiceServer
	impl describer
}

func (s *pluginServer) Describe(ctx context.Context, _ *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	d, err := s.impl.Describe(ctx)
	return reply(d, err, encodeDescription)
}

func (s *pluginServer) Configure(ctx context.Context, req *pb.ConfigureRequest) (*pb.ConfigureResponse, error) {
	if err := s.impl.Configure(ctx, decodeSettings(req)); err != nil {
		return nil, toStatus(err)
	}
	return &pb.ConfigureResponse{}, nil
}

// reply encodes what an implementation returned. An implementation that returns nothing at all is at fault, but must
// not take the process down.
func reply[Result, Message any](result *Result, err error, encode func(*Result) *Message) (*Message, error) {
	if err != nil {
		return nil, toStatus(err)
	}
	if result == nil {
		return nil, toStatus(resource.ErrNilPointer.WithText("the plugin returned neither a result nor an error"))
	}
	return encode(result), nil
}
