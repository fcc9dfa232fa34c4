package guestapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/cmd/icc-init/guestapi"
	"github.com/icc-project/icc/sdk/initspec"
)

// serve is a guest API that answers with the handler.
func serve(t *testing.T, handler http.HandlerFunc) guestapi.Client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return guestapi.Client{Socket: socket}
}

func TestASpecOfAnySizeIsRead(t *testing.T) {
	t.Parallel()
	want := &initspec.Spec{Version: 1, Argv: []string{"a"}, Env: []string{"X=" + strings.Repeat("long\nlines \" and ' ", 30000)}}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(http.ResponseWriter){
		"with its length": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", fmt.Sprint(len(data)))
			_, _ = w.Write(data)
		},
		"in chunks": func(w http.ResponseWriter) {
			for at := 0; at < len(data); at += 10000 {
				_, _ = w.Write(data[at:min(at+10000, len(data))])
				w.(http.Flusher).Flush()
			}
		},
		"until the end of the connection": func(w http.ResponseWriter) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n"+string(data))
			_ = conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != "/1.0/config/"+initspec.Key {
					t.Errorf("asked for %s %s", r.Method, r.URL)
				}
				write(w)
			})
			got, err := client.Spec(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsWrongWithASpecIsSaid(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"no such key":     {404, "Not Found", "has no user.icc.spec"},
		"refused":         {403, "no", "security.guestapi=true"},
		"broken":          {500, "db", "answers 500: db"},
		"half":            {200, `{"version":1,"argv":[`, "not valid"},
		"wrong type":      {200, `{"version":1,"argv":"sh"}`, "not valid"},
		"another version": {200, `{"version":2,"argv":{}}`, "version 2"},
		"no command":      {200, `{"version":1}`, "no command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			if _, err := client.Spec(context.Background()); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	missing := guestapi.Client{Socket: filepath.Join(t.TempDir(), "none")}
	if _, err := missing.Spec(context.Background()); err == nil || !strings.Contains(err.Error(), "security.guestapi=true") {
		t.Errorf("without a socket: %v", err)
	}
}

func TestTheStateIsReportedThroughARestartOfTheServer(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPatch || r.URL.Path != "/1.0" || string(body) != `{"state":"Ready"}` {
			t.Errorf("asked for %s %s with %s", r.Method, r.URL, body)
		}
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	if err := client.SetState(context.Background(), true); err == nil {
		t.Error("without patience, one refusal is an error")
	}
	client.Patience = time.Minute
	if err := client.SetState(context.Background(), true); err != nil || asked.Load() != 3 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
}
