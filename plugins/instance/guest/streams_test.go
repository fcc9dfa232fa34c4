package guest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"
)

// hasty is a server whose commands have ended, and whose connections are closed, before anybody reads from them.
type hasty struct {
	incus.Operation
	socket string
	said   map[string]string // by the secret
	served chan struct{}     // has a value for each connection the server is done with
}

func (h *hasty) RawOperation(string, string, any, string) (incus.Operation, string, error) {
	return h, "", nil
}

func (h *hasty) Get() api.Operation {
	fds := map[string]any{}
	for secret := range h.said {
		fds[secret] = secret
	}
	return api.Operation{ID: "op", Metadata: map[string]any{"fds": fds}}
}

func (h *hasty) GetOperationWebsocket(_, secret string) (*websocket.Conn, error) {
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return net.Dial("unix", h.socket) }}
	conn, _, err := dialer.Dial("ws://server/"+secret, nil)
	if err == nil {
		<-h.served
	}
	return conn, err
}

func newHasty(t *testing.T, said map[string]string) *hasty {
	t.Helper()
	h := &hasty{socket: filepath.Join(t.TempDir(), "socket"), said: said, served: make(chan struct{}, len(said))}
	listener, err := net.Listen("unix", h.socket)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close(); h.served <- struct{}{} }()
		err = errors.Join(
			conn.WriteControl(websocket.PingMessage, []byte("keepalive"), time.Now().Add(time.Minute)),
			conn.WriteMessage(websocket.BinaryMessage, []byte(said[strings.TrimPrefix(r.URL.Path, "/")])),
			conn.WriteMessage(websocket.TextMessage, nil),
		)
		if err != nil {
			t.Error(err)
		}
	}))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return h
}

func TestWhatAHastyServerSaysArrives(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		said        map[string]string
		interactive bool
		out, err    string
	}{
		"pipes":      {map[string]string{"control": "", "0": "", "1": "out", "2": "err"}, false, "out", "err"},
		"a terminal": {map[string]string{"control": "", "0": "both"}, true, "both", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			_, done, err := start(newHasty(t, tc.said), "web", api.InstanceExecPost{Interactive: tc.interactive}, &incus.InstanceExecArgs{
				Stdin: io.NopCloser(strings.NewReader("")), Stdout: writeCloser(&out), Stderr: writeCloser(&errs),
				Control: NewControl().serve(context.Background()),
			})
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("the output never ends")
			}
			if out.String() != tc.out || errs.String() != tc.err {
				t.Errorf("got %q and %q", out.String(), errs.String())
			}
		})
	}
}

func TestAConnectionThatFailsClosesTheOthers(t *testing.T) {
	t.Parallel()
	h := newHasty(t, map[string]string{"control": "", "0": ""})
	broken := refusing{h}
	if _, _, err := start(broken, "web", api.InstanceExecPost{}, &incus.InstanceExecArgs{}); err == nil || !strings.Contains(err.Error(), "no more") {
		t.Errorf("got %v", err)
	}
}

type refusing struct{ *hasty }

func (r refusing) GetOperationWebsocket(op, secret string) (*websocket.Conn, error) {
	if secret == "0" {
		return nil, errors.New("no more")
	}
	return r.hasty.GetOperationWebsocket(op, secret)
}
