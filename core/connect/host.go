package connect

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// IsRemote reports whether the server is reached over the network, so that host paths mean nothing to it.
func (c *Connection) IsRemote() bool { return c.target.isRemote() }

// HTTPSAddress returns the server's core.https_address, or ErrServerNotListening when it has none.
func (c *Connection) HTTPSAddress() (string, error) {
	if c.IsOffline() {
		return "", resource.ErrDisconnected
	}
	address := c.info.Config["core.https_address"]
	if address == "" {
		return "", resource.ErrServerNotListening.WithHint("let it listen with `incus config set core.https_address :8443`")
	}
	return address, nil
}

// ConnectionIPs returns the addresses under which this machine reaches the server; the loopback ones for a unix socket.
func (c *Connection) ConnectionIPs(ctx context.Context) ([]net.IP, error) {
	if c.IsOffline() {
		return nil, resource.ErrDisconnected
	}
	if !c.IsRemote() {
		return []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, nil
	}
	ips, err := net.DefaultResolver.LookupIP(ctx, "ip", c.target.url.Hostname())
	if err != nil {
		return nil, resource.ErrConnectionFailed.Wrap(fmt.Errorf("looking up %s: %w", c.target.url.Hostname(), err))
	}
	return ips, nil
}

// SameHost returns nil when the server runs on this machine, and otherwise an error that says why it seems not to.
// A loopback address alone proves nothing, for it may be the end of a tunnel; the server's name must then be ours.
func (c *Connection) SameHost(ctx context.Context) error {
	ips, err := c.ConnectionIPs(ctx)
	if err != nil || !c.IsRemote() {
		return err
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return fmt.Errorf("listing this machine's addresses: %w", err)
	}
	hostname, _ := os.Hostname()
	for _, ip := range ips {
		if ip.IsLoopback() && c.info.Environment.ServerName == hostname {
			return nil
		}
		own := slices.ContainsFunc(addrs, func(a net.Addr) bool {
			n, ok := a.(*net.IPNet)
			return ok && n.IP.Equal(ip)
		})
		if own && !ip.IsLoopback() {
			return nil
		}
	}
	return resource.ErrUnsupported.WithText(fmt.Sprintf("the Incus server %s runs on another machine", c.target))
}
