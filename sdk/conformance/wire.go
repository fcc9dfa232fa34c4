package conformance

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/wire"
)

// overTheWire returns a client of the provider, which is served on a unix socket until the test ends.
func overTheWire(t testing.TB, s *subject) sdk.Provider {
	t.Helper()
	p := s.provider
	if s.New != nil {
		p = s.New()
	}
	return serve(t, p)
}

// serve puts a provider or builder behind a unix socket.
func serve(t testing.TB, impl any) *wire.Client {
	t.Helper()
	socket := filepath.Join(socketDir(t), "plugin")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatalf("serving the plugin: %v", err)
	}
	server := grpc.NewServer(wire.ServerOptions()...)
	if err := wire.Register(server, impl); err != nil {
		t.Fatalf("serving the plugin: %v", err)
	}
	go func() { _ = server.Serve(listener) }() // ends with Stop, and then always with an error
	t.Cleanup(server.Stop)
	options := append(wire.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient("unix:"+socket, options...)
	if err != nil {
		t.Fatalf("dialling the plugin: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return wire.NewClient(conn)
}

// socketDir returns a directory with a path that is short enough for a socket; those of T.TempDir are not.
func socketDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "icc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
