//go:build incus

package conformance

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// between puts a proxy between the provider and the server, at which meddle may answer a request itself.
func (l *lab) between(meddle func(w http.ResponseWriter, r *http.Request) bool) {
	l.t.Helper()
	socket := filepath.Join(l.t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		l.t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "incus" },
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", l.host.Socket)
		}},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !meddle(w, r) {
			forward.ServeHTTP(w, r)
		}
	})}
	l.t.Cleanup(func() { _ = server.Close() })
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			l.t.Error(err)
		}
	}()
	l.provider = l.newProvider(func(s *sdk.Settings) { s.IncusSocket = socket })
}

// forced does what it can: what has ended meanwhile is as good as stopped.
func (l *lab) forced(name, action string) {
	op, err := l.server.UpdateInstanceState(name, api.InstanceStatePut{Action: action, Force: true, Timeout: -1}, "")
	if err == nil {
		_ = op.Wait()
	}
}

// failingStarts lets the first n starts take place and end, and answers with the failure of a proxy.
func (l *lab) failingStarts(n int, failure string, end func(name string)) (starts func() int) {
	seen := 0
	l.between(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, "/state") {
			return false
		}
		if seen++; seen > n {
			return false
		}
		name := strings.Split(r.URL.Path, "/")[3]
		l.forced(name, "start")
		end(name)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"type":"error","error_code":400,"error":"Error occurred when starting proxy device: Error: `+failure+`"}`)
		return true
	})
	return func() int { return seen }
}

func TestAStartThatEndedTooEarlyForItsPorts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		command  []string
		init     string
		failures int
		starts   int
		fails    string
	}{
		"is made once more when the command has not ended":           {[]string{"sleep", "1000"}, "", 1, 2, ""},
		"is an error the second time":                                {[]string{"sleep", "1000"}, "", 2, 2, "Failed setns to connector namespaces"},
		"is fine when the command has done what it had to":           {[]string{"true"}, "", 1, 1, ""},
		"says why when there is no such command":                     {[]string{"nosuch"}, "", 1, 1, "executable file not found"},
		"is made once more where nobody tells how the command ended": {[]string{"sleep", "1000"}, kinds.InitTakeover, 1, 2, ""},
		"is fine the second time when nobody tells":                  {[]string{"true"}, kinds.InitTakeover, 2, 2, ""},
		"is not made again without icc-init":                         {[]string{"true"}, kinds.InitOff, 1, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c := l.service("web", "busybox", tt.command...)
			c.Init = tt.init
			l.must(c, resource.ActionEnsure)
			starts := l.failingStarts(tt.failures, "No such file or directory - Failed setns to connector namespaces", func(instance string) {
				if tt.command[0] == "sleep" {
					l.forced(instance, "stop")
				}
				eventually(t, "it has ended", func() bool {
					state, _, err := l.server.GetInstanceState(instance)
					return err == nil && state.Pid <= 0
				})
			})
			_, _, err := l.run(c, resource.ActionStart, resource.Options{})
			if (err == nil) != (tt.fails == "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("the error is %v, want %q", err, tt.fails)
			}
			if n := starts(); n != tt.starts {
				t.Errorf("it was started %d times, want %d", n, tt.starts)
			}
			if tt.command[0] == "sleep" && tt.fails == "" && l.process(c) == "" {
				t.Error("it does not run")
			}
		})
	}
}

func TestAPortThatTheInstanceItselfHasHeldIsTakenWithASecondStart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		held   bool
		starts int
	}{"it is free again": {false, 2}, "somebody else holds it still": {true, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c := l.sleeper("web")
			l.must(c, resource.ActionEnsure)
			holder, err := net.Listen("tcp", "127.73.18.1:0") // an address that nobody else listens on
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = holder.Close() }()
			at := holder.Addr().String()
			if !tt.held {
				_ = holder.Close()
			}
			failure := "Failed to listen on " + at + ": listen tcp " + at + ": bind: address already in use"
			starts := l.failingStarts(1, failure, func(name string) { l.forced(name, "stop") })
			_, _, err = l.run(c, resource.ActionStart, resource.Options{})
			if (err == nil) == tt.held || err != nil && !errors.Is(err, resource.ErrPortInUse) {
				t.Errorf("the error is %v", err)
			}
			if n := starts(); n != tt.starts {
				t.Errorf("it was started %d times, want %d", n, tt.starts)
			}
		})
	}
}

func TestAServiceThatEndsAtOnceLeavesItsPortsFree(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "busybox", "true")
	l.network("front", "10.201.37", map[string]kinds.Address{"web-1": {IPv4: "10.201.37.10"}})
	c.NetworkMode, c.Networks = "", []kinds.NIC{{Network: "front", Gateway: true}}
	// Two that a busy server needs two looks for each are what there is time for.
	c.Ports = []kinds.Port{{Protocol: "tcp", Published: 18350, Target: 80, Count: 8}, {Protocol: "udp", Published: 18350, Target: 80, Count: 8}}
	listening := func() string { return l.host.Output(t, "sh", "-c", "ss -Hlntu | grep ':1835[0-7] ' || true") }
	for range 2 {
		l.up(c)
		eventually(t, "it has ended and its ports are free", func() bool { return l.state(c).Status == resource.StatusStopped && listening() == "" })
	}
}
