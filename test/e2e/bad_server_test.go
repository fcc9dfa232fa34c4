//go:build incus

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestServersThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	up := []string{"up", "-d"}

	t.Run("no socket", func(t *testing.T) {
		r := p.with("INCUS_SOCKET=/nowhere/unix.socket").icc(up...)
		p.refused(r, 1, "/nowhere/unix.socket", "hint: ", "apt install incus")
	})
	t.Run("nobody listens on the socket", func(t *testing.T) {
		socket := filepath.Join(p.dir, "dead.socket")
		listener, err := net.Listen("unix", socket)
		p.must(err)
		listener.(*net.UnixListener).SetUnlinkOnClose(false)
		p.must(listener.Close())

		p.refused(p.with("INCUS_SOCKET="+socket).icc(up...), 1, socket, "hint: ", "systemctl start incus")
	})
	t.Run("something else listens on the socket", func(t *testing.T) {
		socket := p.serve(http.NotFoundHandler())
		p.refused(p.with("INCUS_SOCKET="+socket).icc(up...), 1, socket, "hint: ")
	})
	t.Run("a server that does not answer delays no mistake in a file", func(t *testing.T) {
		socket := p.serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		args := []string{"-f", "-", "up", "-d"}

		// It gives a silent server up after 15 s. Who waits for that does so every time; a busy machine does not.
		quickest := time.Hour
		for range 3 {
			r := p.with("INCUS_SOCKET="+socket).piped("services: {web: {imag: x}}", args...)
			p.refused(r, 1, "imag", "hint: ")

			if quickest = min(quickest, r.elapsed); quickest < 5*time.Second {
				break
			}
		}

		if quickest > 14*time.Second {
			t.Errorf("it took %s", quickest)
		}
	})
	t.Run("permission denied", func(t *testing.T) {
		command := p.command(up...)
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		p.refused(p.run(direct(p, command), "", up), 1, p.host.Socket, "hint: ", "incus-admin")
	})
	t.Run("a remote that is not known", func(t *testing.T) {
		p.fails(1, append([]string{"--remote", "nosuchremote"}, up...), "nosuchremote", "hint: ", "local")
	})
	t.Run("a remote that is down", func(t *testing.T) {
		p.fails(1, append([]string{"--remote", "https://127.0.0.1:1"}, up...), "https://127.0.0.1:1", "hint: ", "core.https_address")
	})
	t.Run("a remote with a certificate that nobody knows", func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // the failed handshakes
		server.StartTLS()
		t.Cleanup(server.Close)

		args := append([]string{"--remote", server.URL}, up...)
		p.refused(p.run(direct(p, p.command(args...)), "", args), 1, server.URL, "certificate", "hint: ", "incus remote add")
	})
	t.Run("a server without OCI containers", func(t *testing.T) {
		socket := p.proxy(func(doc map[string]any) {
			metadata := doc["metadata"].(map[string]any)
			metadata["api_extensions"] = slices.DeleteFunc(metadata["api_extensions"].([]any), func(e any) bool { return e == "instance_oci" })
			metadata["environment"].(map[string]any)["server_version"] = "6.0.4"
		}, nil)
		p.refused(p.with("INCUS_SOCKET="+socket).icc(up...), 1, "6.0.4", "it needs version 6.", "hint: ")
	})
	t.Run("a server that does not trust us", func(t *testing.T) {
		socket := p.proxy(func(doc map[string]any) { doc["metadata"].(map[string]any)["auth"] = "untrusted" }, nil)
		p.refused(p.with("INCUS_SOCKET="+socket).icc(up...), 1, "hint: ")
	})
	t.Run("a server without a storage pool", func(t *testing.T) {
		socket := p.proxy(nil, func(path string) string {
			switch {
			case strings.Contains(path, " /1.0/storage-pools"):
				return `{"type":"sync","status":"Success","status_code":200,"metadata":[]}`
			case strings.Contains(path, " /1.0/profiles/default"):
				return `{"type":"sync","status":"Success","status_code":200,"metadata":{"name":"default","devices":{}}}`
			}

			return ""
		})
		p.refused(p.with("INCUS_SOCKET="+socket).icc(up...), 1, "storage pool", "hint: ")
	})
	p.leavesNothing()
}

func TestANoOpUpAsksAFixedNumberOfQuestions(t *testing.T) {
	t.Parallel()

	var mu sync.Mutex

	asked := map[int][]string{}

	for _, services := range []int{1, 6} {
		var text strings.Builder

		text.WriteString("services:\n")

		for i := range services {
			fmt.Fprintf(&text, "  s%d: {image: \"busybox:1\", command: [sleep, infinity], networks: [n%d], volumes: [\"v%d:/data\"]}\n", i, i, i)
		}

		for _, section := range []string{"networks", "volumes"} {
			fmt.Fprintf(&text, "%s:\n", section)

			for i := range services {
				fmt.Fprintf(&text, "  %s%d: {}\n", section[:1], i)
			}
		}

		p := newProject(t, text.String())
		p.ok("up", "-d")

		socket := p.proxy(nil, func(path string) string {
			mu.Lock()
			defer mu.Unlock()

			// Who takes longer than 5 s renews its lock.
			if !strings.HasPrefix(path, "PUT /1.0/profiles/icc-lock-") {
				asked[services] = append(asked[services], path)
			}

			return ""
		})

		if r := p.with("INCUS_SOCKET="+socket).icc("up", "-d"); r.code != 0 || !strings.Contains(r.stderr, "Nothing to do") {
			t.Fatal(r)
		}
	}

	mu.Lock()
	defer mu.Unlock()

	if one, six := len(asked[1]), len(asked[6]); one == 0 || six > one {
		t.Errorf("one service takes %d questions, six take %d:\n%s", one, six, strings.Join(asked[6], "\n"))
	}
}

// with returns the project with further variables in icc's environment.
func (p *project) with(env ...string) *project {
	q := *p
	q.env = append(slices.Clone(p.env), env...)

	return &q
}

// direct takes a command out of the server's network namespace: only root may enter that, and what the test itself
// listens on is here.
func direct(p *project, command *exec.Cmd) *exec.Cmd {
	p.t.Helper()

	icc, err := iccPath()
	p.must(err)

	at := slices.Index(command.Args, icc)
	here := exec.Command(icc, command.Args[at+1:]...)
	here.Dir, here.Env, here.SysProcAttr = command.Dir, command.Env, command.SysProcAttr

	return here
}

// serve listens on a unix socket of its own.
func (p *project) serve(handler http.Handler) string {
	p.t.Helper()

	dir, err := os.MkdirTemp("/var/tmp", "e2e-socket-")
	p.must(err)
	p.t.Cleanup(func() { _ = os.RemoveAll(dir) })

	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	p.must(err)

	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	p.t.Cleanup(func() { _ = server.Close() })

	return filepath.Join(dir, "s")
}

// proxy stands between icc and the real server. change may alter what GET /1.0 answers; answer is told each path that
// is asked for and may answer itself.
func (p *project) proxy(change func(map[string]any), answer func(path string) string) string {
	p.t.Helper()

	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "incus"
		},
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", p.host.Socket)
		}},
		ErrorLog: log.New(io.Discard, "", 0), // icc ends before what it asked last is answered
		ModifyResponse: func(response *http.Response) error {
			if change == nil || response.Request.URL.Path != "/1.0" {
				return nil
			}

			var doc map[string]any
			if err := json.NewDecoder(response.Body).Decode(&doc); err != nil {
				return err
			}

			change(doc)

			changed, err := json.Marshal(doc)
			response.Body = io.NopCloser(strings.NewReader(string(changed)))
			response.ContentLength = int64(len(changed))
			response.Header.Set("Content-Length", fmt.Sprint(len(changed)))

			return err
		},
	}

	return p.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer != nil {
			if text := answer(r.Method + " " + r.URL.RequestURI()); text != "" {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, text)

				return
			}
		}

		forward.ServeHTTP(w, r)
	}))
}
