package wire

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// builderServer serves an sdk.Builder.
type builderServer struct {
	pb.UnimplementedBuilderServiceServer
	impl sdk.Builder
}

func (s *builderServer) Probe(ctx context.Context, _ *pb.ProbeRequest) (*pb.ProbeResponse, error) {
	p, err := s.impl.Probe(ctx)
	return reply(p, err, encodeProbe)
}

func (s *builderServer) Build(req *pb.BuildRequest, stream grpc.ServerStreamingServer[pb.BuildResponse]) error {
	var build kinds.BuildRequest
	if err := json.Unmarshal(req.GetRequest(), &build); err != nil {
		return toStatus(resource.ErrInvalidFormat.Wrap(fmt.Errorf("reading the build request: %w", err)))
	}
	sink := &streamSink{send: func(e event) error { return stream.Send(buildEvent(e)) }}
	res, err := s.impl.Build(stream.Context(), build, sink)
	sink.close()
	if err == nil && res == nil {
		err = resource.ErrNilPointer.WithText("the builder returned neither a result nor an error")
	}
	if err != nil {
		return toStatus(err)
	}
	doc, err := json.Marshal(res)
	if err != nil {
		return toStatus(fmt.Errorf("writing the build result: %w", err))
	}
	return stream.Send(&pb.BuildResponse{Event: &pb.BuildResponse_Result{Result: doc}})
}

func buildEvent(e event) *pb.BuildResponse {
	switch {
	case e.progress != nil:
		return &pb.BuildResponse{Event: &pb.BuildResponse_Progress{Progress: e.progress}}
	case e.output != nil:
		return &pb.BuildResponse{Event: &pb.BuildResponse_Output{Output: e.output}}
	default:
		return &pb.BuildResponse{Event: &pb.BuildResponse_Notice{Notice: e.notice}}
	}
}
