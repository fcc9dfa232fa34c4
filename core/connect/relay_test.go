package connect

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay passes TCP connections on and can cut them all, like a bad network.
type relay struct {
	address string
	mu      sync.Mutex
	open    map[net.Conn]bool
	count   int
}

// newRelay listens on the loopback and reaches its target by dial.
func newRelay(t testing.TB, dial func() (net.Conn, error)) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{address: listener.Addr().String(), open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listener.Close(); r.close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := dial()
			if err != nil {
				_ = near.Close()
				continue
			}
			r.join(near, far)
		}
	}()
	return r
}

func (r *relay) join(a, b net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[a], r.open[b] = true, true
	r.count++
	for _, pair := range [][2]net.Conn{{a, b}, {b, a}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
			_ = pair[1].Close()
		}()
	}
}

// cut ends all connections without a word. When it returns, the kernel knows that those to the relay have ended.
func (r *relay) cut() {
	_, port, _ := net.SplitHostPort(r.address)
	number, _ := strconv.Atoi(port)
	there := fmt.Sprintf(" 0100007F:%04X 01 ", number) // the other side's address, established
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		r.close() // each time, for one may just have been made
		if table, err := os.ReadFile("/proc/net/tcp"); err != nil || !strings.Contains(string(table), there) {
			return
		}
	}
}

func (r *relay) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open { // all of them first: who copies closes the other side as soon as one is closed
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	}
	for c := range r.open {
		_ = c.Close()
	}
	clear(r.open)
}

func (r *relay) connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}
