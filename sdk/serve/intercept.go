package serve

import (
	"context"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// serverOptions tie calls and connections to the lifetime.
func (l *lifetime) serverOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(l.unary),
		grpc.ChainStreamInterceptor(l.stream),
		grpc.StatsHandler(&connections{
			onFirst: keepStandardStreams(),
			onLast:  func() { l.abandoned("the host has hung up") },
		}),
	}
}

// ours says whether a method is of the icc protocol. go-plugin's own streams last as long as the connection.
func ours(method string) bool { return strings.HasPrefix(method, "/icc.plugin.") }

// bind returns a call's context that also ends with the lifetime.
func (l *lifetime) bind(ctx context.Context, method string) (context.Context, func()) {
	ctx, cancel := context.WithCancel(hclog.WithContext(ctx, l.logger.With("method", method)))
	stop := context.AfterFunc(l.ctx, cancel)
	done := l.begin()
	return ctx, func() { stop(); cancel(); done() }
}

func (l *lifetime) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if !ours(info.FullMethod) {
		return next(ctx, req)
	}
	ctx, end := l.bind(ctx, info.FullMethod)
	defer end()
	return next(ctx, req)
}

func (l *lifetime) stream(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if !ours(info.FullMethod) {
		return next(srv, s)
	}
	ctx, end := l.bind(s.Context(), info.FullMethod)
	defer end()
	return next(srv, &boundStream{ServerStream: s, ctx: ctx})
}

// boundStream is a stream with another context.
type boundStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s *boundStream) Context() context.Context { return s.ctx }

// connections counts the host's connections. There is one, and when it ends nobody is left to serve.
type connections struct {
	open    atomic.Int64
	first   sync.Once
	onFirst func()
	onLast  func()
}

// keepStandardStreams returns a function that undoes what go-plugin does to os.Stdout and os.Stderr: it streams them
// over the connection and loses what was written last when the process ends, which is what matters in a crash.
// Standard error goes to the host anyway, so both are sent there. It runs when the host connects, which is after
// go-plugin has set them.
func keepStandardStreams() func() {
	stderr := os.Stderr
	return func() { os.Stdout, os.Stderr = stderr, stderr }
}

// TagConn implements stats.Handler.
func (c *connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (c *connections) HandleConn(_ context.Context, s stats.ConnStats) {
	switch s.(type) {
	case *stats.ConnBegin:
		c.first.Do(c.onFirst)
		c.open.Add(1)
	case *stats.ConnEnd:
		if c.open.Add(-1) == 0 {
			go c.onLast()
		}
	}
}

// TagRPC implements stats.Handler.
func (c *connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC implements stats.Handler.
func (c *connections) HandleRPC(context.Context, stats.RPCStats) {}
