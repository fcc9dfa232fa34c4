package testbed

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"
)

const (
	defaultName     = "icc"
	defaultState    = "/var/tmp/icc-testbed"
	defaultProjects = "/var/tmp/icc-projects"
)

// Host is one private server and the network namespace that stands for its machine.
type Host struct {
	// Name is the server's name, as in "bed up NAME".
	Name string
	// Socket is the path of the Incus server's unix socket.
	Socket string
	// Conf is the Incus client's configuration folder, with the remotes local, docker.io and ghcr.io.
	Conf string
	// Netns is the name of the network namespace, as in "ip netns exec NETNS".
	Netns string
	// Projects is the folder whose content has the same path inside the server's root.
	Projects string

	env []string
}

// Env finds the server that ICC_TESTBED_NAME names (default "icc") and fails the test when it does not answer.
func Env(t testing.TB) Host {
	t.Helper()

	host, err := find(serverName())
	if err != nil {
		t.Fatalf("this test needs a private Incus: %v\nstart it with: %s", err, startCommand(serverName()))
	}

	return host
}

// Incus connects to the server in the project "default" and disconnects when the test ends.
func (h Host) Incus(t testing.TB) incus.InstanceServer {
	t.Helper()

	// Operations are waited for by asking: an event can come before the server has noted who listens.
	server, err := incus.ConnectIncusUnix(h.Socket, &incus.ConnectionArgs{SkipGetEvents: true})
	if err != nil {
		t.Fatalf("connecting to %s: %v", h.Socket, err)
	}

	t.Cleanup(server.Disconnect)

	return server
}

// ProjectDir makes an empty folder that the server sees at the same path and removes it when the test ends.
// Its last part is a valid Compose project name.
func (h Host) ProjectDir(t testing.TB) string {
	t.Helper()

	dir, err := os.MkdirTemp(h.Projects, "p")
	if err != nil {
		t.Fatalf("making a project folder: %v", err)
	}

	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("removing the project folder: %v", err)
		}
	})

	// Containers' users are others than the one who runs the test: they must be able to pass.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatalf("opening the project folder: %v", err)
	}

	return dir
}

func find(name string) (Host, error) {
	env, err := readEnv(filepath.Join(stateDir(), name, "env"))
	if err != nil {
		return Host{}, err
	}

	host := Host{
		Name:     name,
		Socket:   env["INCUS_SOCKET"],
		Conf:     env["INCUS_CONF"],
		Netns:    env["ICC_TESTBED_NETNS"],
		Projects: valueOr(env["ICC_TESTBED_PROJECTS"], defaultProjects),
		env:      environ(env),
	}

	conn, err := net.DialTimeout("unix", host.Socket, 5*time.Second)
	if err != nil {
		return Host{}, fmt.Errorf("server %q does not answer: %w", name, err)
	}

	return host, conn.Close()
}

func serverName() string { return valueOr(os.Getenv("ICC_TESTBED_NAME"), defaultName) }

func stateDir() string { return valueOr(os.Getenv("ICC_TESTBED_STATE"), defaultState) }

func startCommand(name string) string {
	return strings.NewReplacer("BED", bedPath(), "NAME", name).Replace("BED install && BED up NAME && BED images NAME")
}

func valueOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}

	return value
}
