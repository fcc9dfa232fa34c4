package lifecycle

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/icc-project/icc/plugins/instance/observe"
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
	return portInUse(takenAddress(text)).Wrap(err)
}

// portInUse names the port as the compose file does: the address only where it is not every address of the host.
func portInUse(address string) *resource.Error {
	what := "a published port"
	if host, port, err := net.SplitHostPort(address); err == nil {
		what = "port " + address
		if host == "::" || host == "0.0.0.0" {
			what = "port " + port
		}
	}
	return resource.ErrPortInUse.WithText(what + " of the host is already in use").
		WithHint("stop what uses it, or publish another port in the compose file")
}

// silentPortError finds the taken port behind an error that does not name it: Incus sometimes sees the end of the process
// that listens before it reads what that process wrote. On another machine the ports cannot be looked at.
func (m *Manager) silentPortError(err error) error {
	if err == nil || m.Remote || !strings.Contains(err.Error(), "Failed to receive fd from listener process") {
		return err
	}
	inst, _, getErr := observe.Get(m.Server, m.Name)
	if getErr != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(inst.Devices)) {
		protocol, address, _ := strings.Cut(inst.Devices[name]["listen"], ":")
		if inst.Devices[name]["type"] == "proxy" && !strings.Contains(address, "-") && !canListen(protocol, address) {
			return portInUse(address).Wrap(err)
		}
	}
	return err
}

// takenAddress finds the address in "Failed to listen on 0.0.0.0:8080: …".
func takenAddress(text string) string {
	m := regexp.MustCompile(`[Ff]ailed to listen on (\S+:\d+):`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// freeAgain says whether nobody listens any more to the port that was taken: a start that fails ends the proxy that an
// earlier run of the same instance may have left behind.
func (m *Manager) freeAgain(taken error) bool {
	protocol, text := "tcp", taken.Error()
	if strings.Contains(text, "listen udp ") {
		protocol = "udp"
	}
	address := takenAddress(text)
	return !m.Remote && address != "" && canListen(protocol, address)
}
