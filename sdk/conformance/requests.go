package conformance

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// desk is a socket before the server's that passes everything on and writes down what is asked.
type desk struct {
	socket string

	mu     sync.Mutex
	asked  []string
	active int
	// arrived is called with the number of each request, from 1, before it is passed on.
	arrived func(number int)
}

// newDesk returns a desk before a server that speaks HTTP on a unix socket.
func newDesk(t testing.TB, server string) *desk {
	t.Helper()
	d := &desk{socket: filepath.Join(socketDir(t), "server")}
	listener, err := net.Listen("unix", d.socket)
	if err != nil {
		t.Fatalf("listening before the server: %v", err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", server)
	}}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "server"})
	proxy.Transport, proxy.FlushInterval = transport, -1
	front := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.begin(r)
		defer d.end(r)
		// A request that has reached a server is carried out, also when who asked has gone.
		proxy.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	})}
	silent := log.New(io.Discard, "", 0) // clients that go away in the middle are the point
	front.ErrorLog, proxy.ErrorLog = silent, silent
	go func() { _ = front.Serve(listener) }() // ends with Close, and then always with an error
	t.Cleanup(func() {
		_ = front.Close()
		transport.CloseIdleConnections()
	})
	return d
}

func (d *desk) begin(r *http.Request) {
	d.mu.Lock()
	d.asked = append(d.asked, r.Method+" "+r.URL.RequestURI())
	if !reads(d.asked[len(d.asked)-1]) {
		d.active++
	}
	number, arrived := len(d.asked), d.arrived
	d.mu.Unlock()
	if arrived != nil {
		arrived(number)
	}
}

func (d *desk) end(r *http.Request) {
	if reads(r.Method + " ") {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.active--
}

// since returns and forgets what was asked.
func (d *desk) since() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := d.asked
	d.asked = nil
	return asked
}

// onRequest has f called with the number of each request from now on; nil ends that.
func (d *desk) onRequest(f func(number int)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked, d.arrived = nil, f
}

// busy says whether requests that may change something are on their way.
func (d *desk) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.active > 0
}

// reads says whether a request changes nothing.
func reads(request string) bool {
	return strings.HasPrefix(request, http.MethodGet+" ") || strings.HasPrefix(request, http.MethodHead+" ")
}

func lines(requests []string) string { return "  " + strings.Join(requests, "\n  ") }
