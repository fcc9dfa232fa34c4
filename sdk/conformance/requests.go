package conformance

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// desk is a socket before the server's that passes everything on and writes down what is asked.
type desk struct {
	socket string

	server *http.Client

	mu     sync.Mutex
	asked  []string
	active int
	// begun are the paths of operations that the server may still be at.
	begun []string
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
	proxy.ModifyResponse = d.accepted
	d.server = &http.Client{Transport: transport}
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

// accepted notes the operation that a server has begun for a request.
func (d *desk) accepted(answer *http.Response) error {
	if place := answer.Header.Get("Location"); answer.StatusCode == http.StatusAccepted && place != "" {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.begun = append(d.begun, place)
	}
	return nil
}

// busy says whether requests that may change something are on their way, or the server is still at what they began.
func (d *desk) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.begun = slices.DeleteFunc(d.begun, func(operation string) bool { return !d.goesOn(operation) })
	return d.active+len(d.begun) > 0
}

// goesOn asks the server whether an operation has an end before it. One that the server does not know any more has ended.
func (d *desk) goesOn(operation string) bool {
	answer, err := d.server.Get("http://server" + operation)
	if err != nil {
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	var is struct {
		Metadata struct {
			Code int `json:"status_code"`
		}
	}
	const final = 200 // and more: success, failure, cancelled
	return answer.StatusCode == http.StatusOK && json.NewDecoder(answer.Body).Decode(&is) == nil && is.Metadata.Code < final
}

// reads says whether a request changes nothing.
func reads(request string) bool {
	return strings.HasPrefix(request, http.MethodGet+" ") || strings.HasPrefix(request, http.MethodHead+" ")
}

func lines(requests []string) string { return "  " + strings.Join(requests, "\n  ") }
