package wire

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// resourcesServer serves an sdk.Provider.
type resourcesServer struct {
	pb.UnimplementedResourcesServiceServer
	impl sdk.Provider
}

func (s *resourcesServer) Resolve(ctx context.Context, req *pb.ResolveRequest) (*pb.ResolveResponse, error) {
	res, err := s.impl.Resolve(ctx, each(req.GetDeclarations(), decodeDeclaration))
	return reply(res, err, encodeResolution)
}

func (s *resourcesServer) Plan(ctx context.Context, req *pb.PlanRequest) (*pb.PlanResponse, error) {
	res, err := s.impl.Plan(ctx, decodePlanRequest(req))
	return reply(res, err, encodePlanResult)
}

// Look is optional; a plugin without it answers as one that does not know the call.
func (s *resourcesServer) Look(ctx context.Context, req *pb.LookRequest) (*pb.LookResponse, error) {
	looker, ok := s.impl.(sdk.Looker)
	if !ok {
		return s.UnimplementedResourcesServiceServer.Look(ctx, req)
	}
	snapshot, err := looker.Look(ctx, resource.Kind(req.GetKind()))
	return reply(&snapshot, err, func(r *json.RawMessage) *pb.LookResponse { return &pb.LookResponse{Snapshot: *r} })
}

func (s *resourcesServer) Run(req *pb.RunRequest, stream grpc.ServerStreamingServer[pb.RunResponse]) error {
	sink := &streamSink{send: func(e event) error { return stream.Send(runEvent(e)) }}
	res, err := s.impl.Run(stream.Context(), decodeRunRequest(req), sink)
	sink.close()
	msg, err := reply(res, err, encodeRunResult)
	if err != nil {
		return err
	}
	return stream.Send(&pb.RunResponse{Event: &pb.RunResponse_Result{Result: msg}})
}

func runEvent(e event) *pb.RunResponse {
	switch {
	case e.progress != nil:
		return &pb.RunResponse{Event: &pb.RunResponse_Progress{Progress: e.progress}}
	case e.output != nil:
		return &pb.RunResponse{Event: &pb.RunResponse_Output{Output: e.output}}
	default:
		return &pb.RunResponse{Event: &pb.RunResponse_Notice{Notice: e.notice}}
	}
}

func (s *resourcesServer) Call(ctx context.Context, req *pb.CallRequest) (*pb.CallResponse, error) {
	caller, ok := s.impl.(sdk.Caller)
	if !ok {
		return nil, toStatus(unsupported(decodeRef(req.GetResource().GetRef()), req.GetVerb()))
	}
	response, err := caller.Call(ctx, decodeCallRequest(req))
	if err != nil {
		return nil, toStatus(err)
	}
	return &pb.CallResponse{Response: response}, nil
}

// unsupported says that a plugin has no such verb.
func unsupported(ref resource.Ref, verb string) error {
	return resource.ErrUnsupportedAction.WithResource(ref).WithText(fmt.Sprintf("the plugin does not support %q", verb))
}
