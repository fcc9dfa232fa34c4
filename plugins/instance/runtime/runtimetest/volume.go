package runtimetest

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/pkg/sftp"

	"github.com/icc-project/icc/plugins/instance/runtime"
)

// Volumes are volumes that all have the contents of one directory.
type Volumes struct {
	*runtime.Volumes
	mu    sync.Mutex
	conns []net.Conn
}

// New returns volumes with the contents of dir, until the test ends.
func New(t testing.TB, dir string) *Volumes {
	t.Helper()
	v := &Volumes{}
	v.Volumes = runtime.NewVolumes(func(context.Context, string, string) (*sftp.Client, error) {
		near, far := net.Pipe()
		server, err := sftp.NewServer(far, sftp.ReadOnly(), sftp.WithServerWorkingDirectory(dir))
		if err != nil {
			return nil, err
		}
		go func() { _ = server.Serve(); _ = far.Close() }()
		v.mu.Lock()
		v.conns = append(v.conns, far)
		v.mu.Unlock()
		return sftp.NewClientPipe(near, near)
	})
	t.Cleanup(v.Break)
	return v
}

// Break cuts all connections that were made.
func (v *Volumes) Break() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.conns {
		_ = c.Close()
	}
}

// Dialled returns how many connections were made.
func (v *Volumes) Dialled() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.conns)
}
