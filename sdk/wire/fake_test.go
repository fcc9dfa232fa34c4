package wire

import (
	"context"
	"encoding/json"
	"net"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// bare has the five methods of a Provider and nothing else; each returns what its field says.
type bare struct {
	run func(context.Context, sdk.RunRequest, resource.Sink) (*sdk.RunResult, error)
}

func (b *bare) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{Name: "fake"}, nil
}
func (b *bare) Configure(context.Context, sdk.Settings) error {
	return resource.ErrConfig.WithHint("do not")
}
func (b *bare) Resolve(_ context.Context, d []resource.Declaration) (*sdk.Resolution, error) {
	out := &sdk.Resolution{}
	for _, one := range d {
		out.Resolved = append(out.Resolved, resource.Resolved{Ref: one.Ref, Config: one.Config})
	}
	return out, nil
}
func (b *bare) Plan(_ context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if req.Kind == "" {
		return nil, nil
	}
	return &sdk.PlanResult{States: []resource.State{{Ref: resource.Ref{Kind: req.Kind}}}}, nil
}
func (b *bare) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	return b.run(ctx, req, sink)
}

// whole adds all optional abilities.
type whole struct {
	bare
	session func(context.Context, sdk.SessionRequest, sdk.SessionIO) (int, error)
	build   func(context.Context, kinds.BuildRequest, resource.Sink) (*kinds.BuildResult, error)
}

func (w *whole) Session(ctx context.Context, req sdk.SessionRequest, io sdk.SessionIO) (int, error) {
	return w.session(ctx, req, io)
}
func (w *whole) Look(_ context.Context, kind resource.Kind) (json.RawMessage, error) {
	if kind == "" {
		return nil, resource.ErrDisconnected
	}
	return json.RawMessage(`"` + kind + `"`), nil
}
func (w *whole) Call(_ context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	return req.Request, nil
}
func (w *whole) Probe(context.Context) (*sdk.Probe, error) {
	return &sdk.Probe{Available: true, Score: 3}, nil
}
func (w *whole) Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	return w.build(ctx, req, sink)
}

// connect serves impl on a unix socket and returns a client of it.
func connect(t *testing.T, impl any) *Client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(ServerOptions()...)
	if err := Register(server, impl); err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	options := append(DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient("unix:"+socket, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return NewClient(conn)
}
