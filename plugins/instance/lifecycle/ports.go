package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"strconv"
	"strings"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// The range that free ports are chosen from; IANA assigns none of them.
const (
	firstFreePort = 49152
	lastFreePort  = 65535
)

// choosePorts gives the named proxy devices a free port of the host each. On another machine it can only guess; a
// start that finds the port taken chooses again.
func (m *Manager) choosePorts(want *spec.Instance, devices []string) error {
	for _, name := range devices {
		port, err := m.freePort(want.Devices[name]["listen"])
		if err != nil {
			return fmt.Errorf("choosing a host port for %s: %w", want.Devices[name]["connect"], err)
		}
		spec.SetFreePort(want.Devices[name], port)
	}
	return nil
}

func (m *Manager) freePort(listen string) (int, error) {
	const attempts = 64
	protocol, address, _ := strings.Cut(listen, ":")
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	for range attempts {
		port := firstFreePort + rand.IntN(lastFreePort-firstFreePort+1)
		if m.Remote || canListen(protocol, net.JoinHostPort(host, strconv.Itoa(port))) {
			return port, nil
		}
	}
	return 0, resource.ErrPortInUse.WithText(fmt.Sprintf("found no free port on %s", host))
}

func canListen(protocol, address string) bool {
	if protocol == "udp" {
		conn, err := net.ListenPacket("udp", address)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

// portError turns the server's report of a taken port into ErrPortInUse; other errors stay as they are.
func portError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if !strings.Contains(text, "address already in use") {
		return err
	}
	where := "a published port"
	if address := takenAddress(text); address != "" {
		where = address
	}
	return resource.ErrPortInUse.WithText(fmt.Sprintf("port %s of the host is already in use", where)).
		WithHint("stop what uses it, or publish another port in the compose file").Wrap(err)
}

// takenAddress finds the address in "Failed to listen on 0.0.0.0:8080: …".
func takenAddress(text string) string {
	m := regexp.MustCompile(`[Ff]ailed to listen on (\S+:\d+):`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}
