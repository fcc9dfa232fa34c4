package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// Client is a plugin on the other end of a connection. It has the methods of sdk.Provider, sdk.Sessions, sdk.Caller
// and sdk.Builder; those that the plugin does not serve fail with resource.ErrUnsupportedAction.
type Client struct {
	plugin    pb.PluginServiceClient
	resources pb.ResourcesServiceClient
	builder   pb.BuilderServiceClient
}

var (
	_ sdk.Provider = (*Client)(nil)
	_ sdk.Sessions = (*Client)(nil)
	_ sdk.Caller   = (*Client)(nil)
	_ sdk.Looker   = (*Client)(nil)
	_ sdk.Builder  = (*Client)(nil)
)

// NewClient returns a client that speaks over conn.
func NewClient(conn grpc.ClientConnInterface) *Client {
	return &Client{
		plugin:    pb.NewPluginServiceClient(conn),
		resources: pb.NewResourcesServiceClient(conn),
		builder:   pb.NewBuilderServiceClient(conn),
	}
}

// Describe implements sdk.Provider and sdk.Builder.
func (c *Client) Describe(ctx context.Context) (*sdk.Description, error) {
	res, err := c.plugin.Describe(ctx, &pb.DescribeRequest{})
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	return decodeDescription(res), nil
}

// Configure implements sdk.Provider and sdk.Builder.
func (c *Client) Configure(ctx context.Context, s sdk.Settings) error {
	_, err := c.plugin.Configure(ctx, encodeSettings(s))
	return fromStatus(ctx, err)
}

// Resolve implements sdk.Provider.
func (c *Client) Resolve(ctx context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	res, err := c.resources.Resolve(ctx, &pb.ResolveRequest{Declarations: each(decls, encodeDeclaration)})
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	return decodeResolution(res), nil
}

// Plan implements sdk.Provider.
func (c *Client) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	res, err := c.resources.Plan(ctx, encodePlanRequest(req))
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	return decodePlanResult(res), nil
}

// Look implements sdk.Looker. A plugin that cannot look has nothing to say, which is no error.
func (c *Client) Look(ctx context.Context, kind resource.Kind) (json.RawMessage, error) {
	res, err := c.resources.Look(ctx, &pb.LookRequest{Kind: string(kind)})
	if status.Code(err) == codes.Unimplemented {
		return nil, nil
	}
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	return res.GetSnapshot(), nil
}

// Run implements sdk.Provider. Everything the action reported has been delivered when it returns. When ctx ends it
// returns at once, while the plugin may still be undoing what it did.
func (c *Client) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.resources.Run(ctx, encodeRunRequest(req))
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	last, err := receive(ctx, stream, sink, func(m *pb.RunResponse) bool { return m.GetResult() != nil })
	if err != nil {
		return nil, err
	}
	return decodeRunResult(last.GetResult()), nil
}

// Call implements sdk.Caller.
func (c *Client) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	res, err := c.resources.Call(ctx, encodeCallRequest(req))
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	return raw(res.GetResponse()), nil
}

// Probe implements sdk.Builder.
func (c *Client) Probe(ctx context.Context) (*sdk.Probe, error) {
	res, err := c.builder.Probe(ctx, &pb.ProbeRequest{})
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	return decodeProbe(res), nil
}

// Build implements sdk.Builder; it delivers and ends as Run does.
func (c *Client) Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	doc, err := json.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("writing the build request: %w", err)
	}
	stream, err := c.builder.Build(ctx, &pb.BuildRequest{Request: doc})
	if err != nil {
		return nil, fromStatus(ctx, err)
	}
	last, err := receive(ctx, stream, sink, func(m *pb.BuildResponse) bool { return m.GetResult() != nil })
	if err != nil {
		return nil, err
	}
	var res kinds.BuildResult
	if err := json.Unmarshal(last.GetResult(), &res); err != nil {
		return nil, resource.ErrPlugin.Wrap(fmt.Errorf("reading the build result: %w", err))
	}
	return &res, nil
}

// receive hands events to the sink until the stream ends, and returns the message that holds the result.
func receive[M any, P interface {
	*M
	events
}](ctx context.Context, stream grpc.ServerStreamingClient[M], sink resource.Sink, isResult func(P) bool) (P, error) {
	if sink == nil {
		sink = resource.Discard{}
	}
	var result P
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && result == nil:
			return nil, resource.ErrPlugin.WithText("the plugin ended the action without a result")
		case errors.Is(err, io.EOF):
			return result, nil
		case err != nil:
			return nil, fromStatus(ctx, err)
		case isResult(m):
			result = m
		default:
			deliver(P(m), sink)
		}
	}
}
