package lifecycle

import (
	"errors"
	"net"
	"strings"
	"testing"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

func TestATakenPortIsNamedAsTheComposeFileDoes(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"Failed to listen on [::]:8000: listen tcp 0.0.0.0:8000: bind: address already in use":    "port 8000 of the host is already in use",
		"failed to listen on 127.0.0.1:80: listen tcp 127.0.0.1:80: bind: address already in use": "port 127.0.0.1:80 of the host is already in use",
		"bind: address already in use": "a published port of the host is already in use",
	} {
		err := portError(errors.New(words))
		if !errors.Is(err, resource.ErrPortInUse) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v", words, err)
		}
	}
}

// devices is a server with one instance.
type devices struct {
	incus.InstanceServer
	of map[string]map[string]string
}

func (d devices) GetInstance(string) (*api.Instance, string, error) {
	return &api.Instance{InstancePut: api.InstancePut{Devices: d.of}}, "", nil
}

func (d devices) GetInstanceFull(string) (*api.InstanceFull, string, error) {
	inst, etag, err := d.GetInstance("")
	return &api.InstanceFull{Instance: *inst}, etag, err
}

func TestATakenPortIsFoundWhenIncusDoesNotNameIt(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	taken := listener.Addr().String()
	silent := errors.New("Error: Failed to receive fd from listener process: Failed to receive file descriptor via abstract unix socket")
	free := map[string]string{"type": "proxy", "listen": "tcp:127.0.0.1:0"}

	m := &Manager{Server: devices{of: map[string]map[string]string{"a": free, "b": {"type": "proxy", "listen": "tcp:" + taken}}}}
	if got := m.silentPortError(silent); !errors.Is(got, resource.ErrPortInUse) || !strings.Contains(got.Error(), taken) {
		t.Errorf("with a taken port: %v", got)
	}
	m.Server = devices{of: map[string]map[string]string{"a": free}}
	if got := m.silentPortError(silent); got != silent {
		t.Errorf("without a taken port: %v", got)
	}
	if other := errors.New("another"); m.silentPortError(other) != other {
		t.Error("another error was changed")
	}
}

// muttering is a server whose proxies end a few times before they can say why.
type muttering struct {
	incus.InstanceServer
	times, asked int
}

func (m *muttering) UpdateInstance(string, api.InstancePut, string) (incus.Operation, error) {
	m.asked++
	if m.asked <= m.times {
		return done{err: errors.New("Failed to receive fd from listener process: Failed to receive file descriptor via abstract unix socket")}, nil
	}
	return done{err: errors.New("Failed to listen on 0.0.0.0:80: bind: address already in use")}, nil
}

func (m *muttering) GetOperations() ([]api.Operation, error) { return nil, nil }

func TestAChangeIsTriedAgainUntilItsProxySaysWhy(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]int{0: 1, 2: 3, 9: proxyAttempts} {
		server := &muttering{times: times}
		m := &Manager{Server: server, Name: "web-1"}
		err := m.send(t.Context(), api.InstancePut{}, "")
		if server.asked != want {
			t.Errorf("after %d errors without a reason: asked %d times, want %d", times, server.asked, want)
		}
		if named := errors.Is(err, resource.ErrPortInUse); named != (times < proxyAttempts) {
			t.Errorf("after %d errors without a reason: %v", times, err)
		}
	}
}
