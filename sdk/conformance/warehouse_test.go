package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// box is an object of the server.
type box struct {
	Name, Project, Declared, Text string
	Running                       bool
}

// warehouse is a server that keeps boxes: it speaks HTTP on a unix socket.
type warehouse struct {
	socket string
	mu     sync.Mutex
	boxes  map[string]box
	writes []string
}

func newWarehouse(t *testing.T) *warehouse {
	t.Helper()
	h := &warehouse{socket: filepath.Join(socketDir(t), "warehouse"), boxes: map[string]box{}}
	listener, err := net.Listen("unix", h.socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return h
}

// ServeHTTP answers GET /boxes, and GET, PUT and DELETE of one.
func (h *warehouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/boxes"), "/")
	if r.Method != http.MethodGet {
		h.writes = append(h.writes, r.Method+" "+name)
	}
	found, there := h.boxes[name]
	var answer any = found
	switch {
	case r.Method == http.MethodPut:
		var b box
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		h.boxes[name] = b
	case name == "":
		answer = h.boxes
	case !there:
		http.NotFound(w, r)
		return
	case r.Method == http.MethodDelete:
		delete(h.boxes, name)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// quiet fails the test if anything was written since.
func (h *warehouse) quiet(t testing.TB) func() {
	count := func() int {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.writes)
	}
	before := count()
	return func() {
		t.Helper()
		if after := count(); after != before {
			t.Errorf("%d changes of the server", after-before)
		}
	}
}

var errGone = errors.New("no such box")

// ask sends one request to the server on a socket.
func ask(ctx context.Context, socket, method, path string, body, into any) error {
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(json.NewEncoder(writer).Encode(body)) }()
	request, err := http.NewRequestWithContext(ctx, method, "http://warehouse"+path, reader)
	if err != nil {
		return err
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return errGone
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("the warehouse says %s", answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
