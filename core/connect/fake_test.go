package connect

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lxc/incus/v6/shared/api"
	"github.com/lxc/incus/v6/shared/cliconfig"
	localtls "github.com/lxc/incus/v6/shared/tls"
)

// fake answers like an Incus server, as far as this package asks, over real TLS or a real unix socket.
type fake struct {
	auth       string
	extensions []string
	pools      []string
	// rootPool is the pool of the default profile's root disk; empty means that it has none.
	rootPool string

	mu    sync.Mutex
	asked []string
	// uploaded counts the bytes of the last POST to /1.0/images.
	uploaded atomic.Int64
	// drip lets the answer of /1.0/drip go on.
	drip chan struct{}
}

func newFake() *fake {
	return &fake{auth: "trusted", extensions: []string{"instance_oci"}, pools: []string{"default"}, rootPool: "default", drip: make(chan struct{})}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	f.mu.Unlock()
	switch r.URL.Path {
	case "/1.0":
		reply(w, 200, api.Server{
			ServerUntrusted: api.ServerUntrusted{Auth: f.auth, APIExtensions: f.extensions, ServerPut: api.ServerPut{Config: map[string]string{}}},
			Environment:     api.ServerEnvironment{ServerVersion: "7.0.2", Architectures: []string{"x86_64"}},
		})
	case "/1.0/profiles/default":
		devices := map[string]map[string]string{"eth0": {"type": "nic"}}
		if f.rootPool != "" {
			devices["root"] = map[string]string{"type": "disk", "path": "/", "pool": f.rootPool}
		}
		reply(w, 200, api.Profile{ProfilePut: api.ProfilePut{Devices: devices}})
	case "/1.0/projects/there", "/1.0/projects/ours":
		reply(w, 200, api.Project{Name: "there"})
	case "/1.0/projects/closed":
		reply(w, 403, nil)
	case "/1.0/storage-pools":
		urls := []string{}
		for _, p := range f.pools {
			urls = append(urls, "/1.0/storage-pools/"+p)
		}
		reply(w, 200, urls)
	case "/1.0/images":
		n, _ := io.Copy(io.Discard, r.Body)
		f.uploaded.Store(n)
		reply(w, 200, n)
	case "/1.0/echo": // a protocol upgrade, like SFTP
		echo(w, r.Header.Get("Upgrade"))
	case "/1.0/drip": // an answer that comes in pieces, though its length is known
		w.Header().Set("Content-Length", "6")
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "%d\n", i)
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-f.drip:
			}
		}
	default:
		reply(w, 404, nil)
	}
}

func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

func reply(w http.ResponseWriter, code int, metadata any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if code >= 400 {
		_ = json.NewEncoder(w).Encode(api.ResponseRaw{Type: api.ErrorResponse, Code: code, Error: http.StatusText(code)})
		return
	}
	_ = json.NewEncoder(w).Encode(api.ResponseRaw{Type: api.SyncResponse, StatusCode: code, Metadata: metadata})
}

func echo(w http.ResponseWriter, protocol string) {
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\nConnection: Upgrade\r\n\r\n", protocol)
	_ = rw.Flush()
	_, _ = io.Copy(conn, rw)
}

// overUnix serves the fake on a unix socket and returns its path.
func overUnix(t testing.TB, h http.Handler) string {
	t.Helper()
	socket := filepath.Join(shortDir(t), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return socket
}

// shortDir is a temporary directory whose path fits into a socket's address.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "c")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// remote is a fake behind TLS that wants client certificates, and an Incus client configuration that knows it as "far".
type remote struct {
	*fake
	server *httptest.Server
	config *cliconfig.Config
}

func overTLS(t testing.TB, f *fake) *remote {
	t.Helper()
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	server.StartTLS()
	t.Cleanup(server.Close)
	r := &remote{fake: f, server: server, config: clientConfig(t)}
	r.config.Remotes["far"] = cliconfig.Remote{Addr: server.URL, Protocol: "incus"}
	r.trust(t, server.Certificate())
	return r
}

// clientConfig is a configuration folder with a client certificate and the remotes local and images.
func clientConfig(t testing.TB) *cliconfig.Config {
	t.Helper()
	config := cliconfig.NewConfig(t.TempDir(), true)
	cert, key, err := localtls.GenerateMemCert(true, false)
	if err != nil {
		t.Fatal(err)
	}
	write(t, config.ConfigPath("client.crt"), cert)
	write(t, config.ConfigPath("client.key"), key)
	return config
}

// trust records the certificate of remote "far", as `incus remote add` does.
func (r *remote) trust(t testing.TB, cert *x509.Certificate) {
	t.Helper()
	write(t, r.config.ServerCertPath("far"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
}

func (r *remote) open(t testing.TB) *Connection {
	t.Helper()
	c, err := openWith(t.Context(), r.config, Options{Remote: "far", RuntimeDir: shortDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// unixClient is an HTTP client on a socket.
func unixClient(socket string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
}

// upgrade opens a raw connection through a socket, as the Incus client does for SFTP.
func upgrade(t testing.TB, socket, path string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	req, err := http.NewRequest(http.MethodGet, "http://unix.socket"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Upgrade", "sftp")
	req.Header.Set("Connection", "Upgrade")
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, req)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("upgrading: %v, %v", resp, err)
	}
	return conn, reader
}
