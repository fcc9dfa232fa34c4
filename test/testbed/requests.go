package testbed

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Requests writes down what a server is asked.
type Requests struct {
	// Socket is where to ask it.
	Socket string

	mu   sync.Mutex
	list []string
}

// Requests returns a socket before the server's, until the test ends.
func (h Host) Requests(t testing.TB) *Requests {
	t.Helper()

	r := &Requests{Socket: filepath.Join(t.TempDir(), "s")}

	listener, err := net.Listen("unix", r.Socket)
	if err != nil {
		t.Fatalf("listening before the server: %v", err)
	}

	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "incus"})
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer

		return d.DialContext(ctx, "unix", h.Socket)
	}}
	proxy.Transport = transport
	front := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.add(request.Method + " " + request.URL.Path)
		proxy.ServeHTTP(w, request)
	})}

	go func() {
		if err := front.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("passing requests on: %v", err)
		}
	}()

	t.Cleanup(func() {
		_ = front.Close()

		transport.CloseIdleConnections()
	})

	return r
}

func (r *Requests) add(request string) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.list = append(r.list, request)
}

// Since forgets and returns what was asked, such as "GET /1.0/images".
func (r *Requests) Since() []string {
	r.mu.Lock()
	defer r.mu.Unlock()

	list := r.list
	r.list = nil

	return list
}
