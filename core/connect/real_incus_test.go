//go:build incus

package connect

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
	"github.com/lxc/incus/v6/shared/cliconfig"

	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

func TestTheRealServerLocally(t *testing.T) {
	host, c := local(t)
	s := c.Settings("shop", "shop", true)
	if s.IncusSocket != host.Socket || s.StoragePool != "default" || s.Remote || !strings.HasPrefix(s.ServerVersion, "7.") {
		t.Errorf("%+v", s)
	}
	if s.Remotes["docker.io"].Protocol != "oci" {
		t.Errorf("the configuration's image sources are missing: %v", s.Remotes)
	}
	if err := errors.Join(c.RequireOCI(), c.SameHost(t.Context())); err != nil {
		t.Error(err)
	}
	if _, err := c.HTTPSAddress(); !errors.Is(err, resource.ErrServerNotListening) {
		t.Errorf("core.https_address is unset, got %v", err)
	}
	_, err := openWith(t.Context(), hostConfig(t, host), Options{Remote: "unix://" + host.Socket, StoragePool: "fast"})
	expect(t, err, "not-found", `no storage pool "fast"`, "existing pools: default")
	_, err = openWith(t.Context(), hostConfig(t, host), Options{Remote: "unix://" + host.Socket, IncusProject: "nope"})
	expect(t, err, "not-found", `no Incus project "nope"`, "incus project create nope")
}

func TestTheRealServerRemotely(t *testing.T) {
	c, lane := far(t)
	s := c.Settings("shop", "shop", true)
	if !s.Remote || s.StoragePool != "default" || c.RequireOCI() != nil {
		t.Errorf("%+v", s)
	}
	if address, err := c.HTTPSAddress(); address != "127.0.0.1:8443" || err != nil {
		t.Errorf("%q, %v", address, err)
	}
	server := pluginClient(t, c)
	startContainer(t, server, "c1")
	t.Run("exec with input, output and exit code", func(t *testing.T) { execThrough(t, server) })
	t.Run("exec with a terminal that is resized", func(t *testing.T) { terminalThrough(t, server) })
	t.Run("console", func(t *testing.T) { consoleThrough(t, server) })
	t.Run("SFTP", func(t *testing.T) { sftpThrough(t, server) })
	t.Run("events, and operations waited for by them", func(t *testing.T) { eventsThrough(t, server) })
	t.Run("upload of a 256 MiB image", func(t *testing.T) { uploadThrough(t, server) })
	t.Run("cut connections", func(t *testing.T) {
		for i := range 10 {
			lane.cut()
			time.Sleep(5 * time.Millisecond)
			if _, _, err := server.GetInstance("c1"); err != nil {
				t.Fatalf("after cut %d: %v", i, err)
			}
		}
		execThrough(t, server)
	})
}

func execThrough(t *testing.T, server client.InstanceServer) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	payload := strings.Repeat("0123456789abcdef", 64<<10) // 1 MiB there and back
	done := make(chan bool)
	// The command ends when all that it said has been read: of one that ends before, Incus may lose the last.
	read := newSignal(len(payload) + len("problem\n"))
	stdin := io.MultiReader(strings.NewReader(payload), read)
	op, err := server.ExecInstance("c1", api.InstanceExecPost{
		Command: []string{"sh", "-c", fmt.Sprintf("head -c %d; echo problem >&2; read -r _; exit 7", len(payload))}, WaitForWS: true,
	}, &client.InstanceExecArgs{
		Stdin: io.NopCloser(stdin), Stdout: io.MultiWriter(&stdout, read), Stderr: io.MultiWriter(&stderr, read), DataDone: done,
	})
	wait(t, "exec")(op, err)
	<-done
	if stdout.String() != payload || stderr.String() != "problem\n" || op.Get().Metadata["return"] != float64(7) {
		t.Errorf("%d bytes came back, stderr %q, exit code %v", stdout.Len(), stderr.String(), op.Get().Metadata["return"])
	}
}

func terminalThrough(t *testing.T, server client.InstanceServer) {
	t.Helper()
	var stdout bytes.Buffer
	done, resized := make(chan bool), make(chan struct{})
	first, both := newSignal(len("24 80\r\n")), newSignal(len("24 80\r\n50 100\r\n"))
	op, err := server.ExecInstance("c1", api.InstanceExecPost{
		Command:   []string{"sh", "-c", "stty -echo; stty size; until stty size | grep -v '24 80'; do sleep 0.1; done; read -r _"},
		WaitForWS: true, Interactive: true, Width: 80, Height: 24,
	}, &client.InstanceExecArgs{
		Stdin: io.NopCloser(both), Stdout: io.MultiWriter(&stdout, first, both), Stderr: io.Discard, DataDone: done,
		Control: func(conn *websocket.Conn) {
			defer close(resized)
			<-first.reached
			if err := conn.WriteJSON(api.InstanceExecControl{Command: "window-resize", Args: map[string]string{"width": "100", "height": "50"}}); err != nil {
				t.Errorf("resizing: %v", err)
			}
		},
	})
	wait(t, "exec")(op, err)
	<-done
	<-resized
	if got := strings.ReplaceAll(stdout.String(), "\r", ""); got != "24 80\n50 100\n" {
		t.Errorf("sizes: %q", got)
	}
}

// signal is written to, and gives out a line once as much as was expected has come.
type signal struct {
	reached chan struct{}

	mu      sync.Mutex
	missing int
	line    io.Reader
}

func newSignal(bytes int) *signal {
	return &signal{reached: make(chan struct{}), missing: bytes, line: strings.NewReader("\n")}
}

func (s *signal) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missing > 0 && s.missing <= len(p) {
		close(s.reached)
	}
	s.missing -= len(p)
	return len(p), nil
}

func (s *signal) Read(p []byte) (int, error) {
	<-s.reached
	return s.line.Read(p)
}

func consoleThrough(t *testing.T, server client.InstanceServer) {
	t.Helper()
	near, remote := net.Pipe()
	disconnect := make(chan bool)
	op, err := server.ConsoleInstance("c1", api.InstanceConsolePost{Width: 80, Height: 24, Type: "console"}, &client.InstanceConsoleArgs{
		Terminal: remote, Control: func(*websocket.Conn) {}, ConsoleDisconnect: disconnect,
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = near.SetDeadline(time.Now().Add(time.Minute))
	go func() { // what is typed before the server has attached is lost, so this types until somebody hangs up
		for {
			if _, err := io.WriteString(near, "hello\n"); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
	var seen bytes.Buffer
	buf := make([]byte, 1024)
	for !strings.Contains(seen.String(), "got hello") {
		n, err := near.Read(buf)
		if err != nil {
			t.Fatalf("after %q: %v", seen.String(), err)
		}
		seen.Write(buf[:n])
	}
	close(disconnect)
	_ = near.Close()
	_ = op.Wait() // how the end is reported is of no interest here
}

func sftpThrough(t *testing.T, server client.InstanceServer) {
	t.Helper()
	files, err := server.GetInstanceFileSFTP("c1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = files.Close() }()
	content := bytes.Repeat([]byte("sftp"), 1<<20)
	f, err := files.Create("/tmp/big")
	if err == nil {
		_, err = f.Write(content)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if f, err = files.Open("/tmp/big"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes came back (%v)", len(got), err)
	}
}

func eventsThrough(t *testing.T, server client.InstanceServer) {
	t.Helper()
	listener, err := server.GetEvents()
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Disconnect()
	seen := make(chan string, 100)
	_, err = listener.AddHandler([]string{api.EventTypeLifecycle}, func(e api.Event) {
		var l api.EventLifecycle
		if json.Unmarshal(e.Metadata, &l) == nil {
			seen <- l.Action
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "pausing")(server.UpdateInstanceState("c1", api.InstanceStatePut{Action: "freeze", Timeout: -1}, ""))
	wait(t, "resuming")(server.UpdateInstanceState("c1", api.InstanceStatePut{Action: "unfreeze", Timeout: -1}, ""))
	deadline := time.After(time.Minute)
	for {
		select {
		case action := <-seen:
			if action == "instance-resumed" {
				return
			}
		case <-deadline:
			t.Fatal("the event did not come")
		}
	}
}

func uploadThrough(t *testing.T, server client.InstanceServer) {
	t.Helper()
	const size = 256 << 20
	var head bytes.Buffer
	w := tar.NewWriter(&head)
	metadata := "architecture: x86_64\ncreation_date: 1\nproperties: {os: icc}\n"
	for _, f := range []struct {
		name, content string
		size          int64
	}{{"metadata.yaml", metadata, int64(len(metadata))}, {"rootfs/big", "", size}} {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: f.size, ModTime: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err == nil {
		t.Fatal("the big file's content should be missing from the head")
	}
	image := io.MultiReader(&head, io.LimitReader(zeros{}, size), io.LimitReader(zeros{}, 1024))
	start := time.Now()
	op, err := server.CreateImage(api.ImagesPost{Filename: "big.tar"}, &client.ImageCreateArgs{
		MetaFile: image, MetaName: "big.tar", Type: "container",
	})
	wait(t, "uploading")(op, err)
	t.Logf("256 MiB took %v", time.Since(start).Round(time.Millisecond))
	fingerprint := fmt.Sprint(op.Get().Metadata["fingerprint"])
	info, _, err := server.GetImage(fingerprint)
	if err != nil || info.Size < size {
		t.Errorf("the image: %+v, %v", info, err)
	}
	wait(t, "deleting the image")(server.DeleteImage(fingerprint))
}

func TestAServerThatDoesNotTrustUsSaysSo(t *testing.T) {
	host, near := local(t)
	setAddress(t, near.Server(), "127.0.0.1:8443")
	t.Cleanup(func() { setAddress(t, near.Server(), "") })
	lane := newRelay(t, func() (net.Conn, error) { return dialIn(host.Netns, "127.0.0.1:8443") })
	config := clientConfig(t)
	config.Remotes["far"] = cliconfig.Remote{Addr: "https://" + lane.address, Protocol: "incus"}

	_, err := openWith(t.Context(), config, Options{Remote: "far"})
	expect(t, err, "connection-failed", "far (https://", "incus remote add far")
	write(t, config.ServerCertPath("far"), []byte(near.ServerInfo().Environment.Certificate))
	_, err = openWith(t.Context(), config, Options{Remote: "far"})
	expect(t, err, "permission", "does not trust this client", "incus config trust add")
}

// BenchmarkQuestion compares how long one small question takes on each way to the server.
func BenchmarkQuestion(b *testing.B) {
	_, near := local(b)
	c, _, config := farWith(b)
	direct, err := config.GetInstanceServer("far")
	if err != nil {
		b.Fatal(err)
	}
	for _, way := range []struct {
		name   string
		server client.InstanceServer
	}{{"own-socket", near.Server()}, {"proxy-to-remote", c.Server()}, {"incus-client-to-remote", direct}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := way.server.GetProfileNames(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen measures what every command pays before it can begin.
func BenchmarkOpen(b *testing.B) {
	host := testbed.Env(b)
	config := hostConfig(b, host)
	for b.Loop() {
		c, err := openWith(b.Context(), config, Options{Remote: "unix://" + host.Socket})
		if err != nil {
			b.Fatal(err)
		}
		_ = c.Close()
	}
}
