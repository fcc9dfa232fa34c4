//go:build incus

package connect

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
	"github.com/lxc/incus/v6/shared/cliconfig"
	"golang.org/x/sys/unix"

	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

// local is a connection to the testbed's own socket.
func local(t testing.TB) (testbed.Host, *Connection) {
	t.Helper()
	host := testbed.Env(t)
	c, err := openWith(t.Context(), hostConfig(t, host), Options{Remote: "unix://" + host.Socket})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return host, c
}

func hostConfig(t testing.TB, host testbed.Host) *cliconfig.Config {
	t.Helper()
	config, err := cliconfig.LoadConfig(filepath.Join(host.Conf, "config.yml"))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// far is a connection over TLS to the testbed's server, through a relay that can cut it. The server listens and
// trusts the client for the test only.
func far(t testing.TB) (*Connection, *relay) {
	t.Helper()
	c, lane, _ := farWith(t)
	return c, lane
}

// farWith is far, with the client configuration that knows the server.
func farWith(t testing.TB) (*Connection, *relay, *cliconfig.Config) {
	t.Helper()
	host, near := local(t)
	server := near.Server()
	setAddress(t, server, "127.0.0.1:8443")
	t.Cleanup(func() { setAddress(t, server, "") })
	lane := newRelay(t, func() (net.Conn, error) { return dialIn(host.Netns, "127.0.0.1:8443") })

	config := clientConfig(t)
	config.Remotes["far"] = cliconfig.Remote{Addr: "https://" + lane.address, Protocol: "incus"}
	info, _, err := server.GetServer()
	if err != nil {
		t.Fatal(err)
	}
	write(t, config.ServerCertPath("far"), []byte(info.Environment.Certificate))
	trust(t, server, config)
	c, err := openWith(t.Context(), config, Options{Remote: "far", RuntimeDir: shortDir(t)})
	if err != nil {
		t.Fatalf("%v (%s)", err, resource.Hint(err))
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, lane, config
}

func setAddress(t testing.TB, server client.InstanceServer, address string) {
	t.Helper()
	info, etag, err := server.GetServer()
	if err == nil {
		put := info.Writable()
		put.Config["core.https_address"] = address
		err = server.UpdateServer(put, etag)
	}
	if err != nil {
		t.Fatalf("setting core.https_address: %v", err)
	}
}

// trust adds the configuration's client certificate to the server, until the test ends.
func trust(t testing.TB, server client.InstanceServer, config *cliconfig.Config) {
	t.Helper()
	content, err := os.ReadFile(config.ConfigPath("client.crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	err = server.CreateCertificate(api.CertificatesPost{
		CertificatePut: api.CertificatePut{Name: "icc-test", Type: api.CertificateTypeClient, Certificate: base64.StdEncoding.EncodeToString(block.Bytes)},
	})
	if err != nil {
		t.Fatalf("trusting the client: %v", err)
	}
	t.Cleanup(func() {
		all, err := server.GetCertificates()
		for _, c := range all {
			if c.Name == "icc-test" {
				err = errors.Join(err, server.DeleteCertificate(c.Fingerprint))
			}
		}
		if err != nil {
			t.Errorf("removing the client's certificate: %v", err)
		}
	})
}

// dialIn opens a TCP connection inside a network namespace.
func dialIn(netns, address string) (net.Conn, error) {
	type answer struct {
		conn net.Conn
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		ns, err := os.Open("/run/netns/" + netns)
		if err == nil {
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			_ = ns.Close()
		}
		if err != nil {
			done <- answer{nil, err}
			return
		}
		conn, err := net.DialTimeout("tcp", address, 5*time.Second)
		done <- answer{conn, err}
	}()
	a := <-done
	return a.conn, a.err
}

// pluginClient is the client a plugin would use.
func pluginClient(t testing.TB, c *Connection) client.InstanceServer {
	t.Helper()
	server, err := client.ConnectIncusUnix(c.Socket(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Disconnect)
	return server
}

func startContainer(t testing.TB, server client.InstanceServer, name string) {
	t.Helper()
	host := testbed.Env(t)
	host.Output(t, "incus", "init", "docker.io:busybox:1", name, "--no-profiles", "--storage", "default",
		"--config", "oci.entrypoint=sh -c 'while read l; do echo got $l; done'")
	t.Cleanup(func() { host.Output(t, "incus", "delete", "--force", name) })
	wait(t, "starting")(server.UpdateInstanceState(name, api.InstanceStatePut{Action: "start", Timeout: -1}, ""))
}

func wait(t testing.TB, what string) func(client.Operation, error) {
	return func(op client.Operation, err error) {
		t.Helper()
		if err == nil {
			err = op.Wait()
		}
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}
