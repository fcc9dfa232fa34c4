package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/core/rundir"
	"github.com/icc-project/icc/sdk/resource"
)

// maxSocketPath is what the kernel allows for a unix socket.
const maxSocketPath = 107

type proxyOptions struct {
	target    target
	transport *http.Transport
	parent    string
	log       hclog.Logger
	token     string
}

// proxy serves a unix socket and passes everything on to a remote server over connections it keeps open.
// Upgrades (exec, console, events, SFTP) become plain byte pipes in both directions.
type proxy struct {
	socket    string
	dir       *rundir.Dir
	server    *http.Server
	transport *http.Transport
	cancel    context.CancelFunc
	served    chan struct{}
	closed    sync.Once
}

// dirUse names the directory of the proxy's socket.
const dirUse = "connect"

func startProxy(ctx context.Context, o proxyOptions) (*proxy, error) {
	dir, err := rundir.Make(runtimeParent(o.parent), dirUse)
	if err != nil {
		return nil, resource.ErrConnectionFailed.WithText("making a directory for the connection").Wrap(err).
			WithHint("set XDG_RUNTIME_DIR to a directory you may write to")
	}
	socket := filepath.Join(dir.Path, "incus")
	listener, err := listenPrivate(socket)
	if err != nil {
		return nil, errors.Join(err, dir.Remove())
	}
	// The proxy outlives the context of Open, and carries nothing but its values.
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &proxy{socket: socket, dir: dir, transport: o.transport, cancel: cancel, served: make(chan struct{})}
	p.server = &http.Server{
		Handler:           o.handler(),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          quietLog(o.log),
	}
	go func() {
		defer close(p.served)
		_ = p.server.Serve(listener)
	}()
	return p, nil
}

// runtimeParent is where the directories of all processes are, unless told otherwise.
func runtimeParent(wanted string) string {
	if wanted != "" {
		return wanted
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" && writable(dir) { // it may be another user's, below su
		return dir
	}
	return os.TempDir()
}

// listenPrivate listens on a socket only this user can open.
func listenPrivate(socket string) (net.Listener, error) {
	if len(socket) > maxSocketPath {
		return nil, resource.ErrConnectionFailed.WithText(fmt.Sprintf("the path %s is too long for a socket", socket)).
			WithHint("set XDG_RUNTIME_DIR to a directory with a shorter path")
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", socket, err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// Close ends all requests and upgraded connections, closes those to the server and removes the socket.
func (p *proxy) Close() error {
	var err error
	p.closed.Do(func() {
		p.cancel()
		err = p.server.Close()
		<-p.served
		p.transport.CloseIdleConnections()
		err = errors.Join(err, p.dir.Remove())
	})
	return err
}

func (o proxyOptions) handler() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(o.target.url)
			keepBody(r.Out)
			if o.token != "" {
				r.Out.Header.Set("Authorization", "Bearer "+o.token)
			}
		},
		Transport:     o.transport,
		FlushInterval: -1, // progress and logs arrive as they are written
		BufferPool:    &bufferPool{},
		ErrorHandler:  o.failed,
		ErrorLog:      quietLog(o.log),
	}
}

// failed answers as Incus would, so that the client shows the reason instead of complaining about the format.
func (o proxyOptions) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the plugin went away first
	}
	o.log.Warn("request to remote server failed", "remote", o.target.String(), "method", r.Method, "path", r.URL.Path, "error", err)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadGateway)
	_ = json.NewEncoder(w).Encode(api.ResponseRaw{
		Type: api.ErrorResponse, Code: http.StatusBadGateway,
		Error: fmt.Sprintf("connection to the Incus server %s failed: %v", o.target, err),
	})
}

// bufferPool spares an allocation for each answer that is copied.
type bufferPool struct{ pool sync.Pool }

func (b *bufferPool) Get() []byte {
	if buf, ok := b.pool.Get().(*[]byte); ok {
		return *buf
	}
	return make([]byte, 64<<10)
}

func (b *bufferPool) Put(buf []byte) { b.pool.Put(&buf) }

// quietLog keeps what net/http has to say out of the user's terminal.
func quietLog(l hclog.Logger) *log.Logger {
	return l.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug})
}
