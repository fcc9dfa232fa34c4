//go:build incus

package e2e

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// line is a connection to the server that can be cut.
type line struct {
	socket string
	target string

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func newLine(p *project) *line {
	p.t.Helper()

	dir, err := os.MkdirTemp("/var/tmp", "e2e-line-")
	p.must(err)
	p.t.Cleanup(func() { _ = os.RemoveAll(dir) })

	l := &line{socket: filepath.Join(dir, "s"), target: p.host.Socket}
	listener, err := net.Listen("unix", l.socket)
	p.must(err)
	p.t.Cleanup(func() {
		_ = listener.Close()
		l.cut(true)
	})

	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}

			go l.carry(conn)
		}
	}()

	return l
}

// carry passes on what comes in both directions.
func (l *line) carry(near net.Conn) {
	far, err := net.Dial("unix", l.target)
	if err != nil || !l.keep(near, far) {
		_ = near.Close()

		return
	}

	go func() {
		_, _ = io.Copy(far, near)
		_ = far.Close()
	}()

	_, _ = io.Copy(near, far)
	_ = near.Close()
}

func (l *line) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.conns = append(l.conns, conns...)

	return !l.down
}

// cut ends all connections; as long as it is down, no new one holds.
func (l *line) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.down = down

	for _, conn := range slices.Backward(l.conns) {
		_ = conn.Close()
	}

	l.conns = nil
}
