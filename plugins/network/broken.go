package main

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// making is how long a living server may take to make a network, of which it needs about 0.6 s when it has nothing else to do.
const making = time.Minute

// revival is how long Incus may take to try a broken network again, which it does every minute.
const revival = 75 * time.Second

// broken reports whether the server was killed while it made or changed the network. Incus 7.0 leaves its DNS server
// behind then, which nobody ends before the next boot: nothing else can have the network's addresses. A network that was
// never finished is not changed any more, but to one that somebody is on nothing can be done.
func broken(n *api.Network) bool {
	switch n.Status {
	case api.NetworkStatusUnavailable, api.NetworkStatusErrored:
		return n.Managed
	case api.NetworkStatusPending:
		return n.Managed && len(n.UsedBy) == 0
	}
	return false
}

// settled waits for a network that is being made, and returns what has become of it; nil if it has gone. When icc is
// killed, its plugin still ends its request, and the server does even without it: only what stays as it is was left by a
// server that was killed.
func (s *server) settled(ctx context.Context, n *api.Network) (*api.Network, error) {
	if n.Status != api.NetworkStatusPending || !broken(n) {
		return n, nil
	}
	unlock, err := s.lock(ctx, n.Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	for deadline := time.Now().Add(making); ; {
		n, _, err = s.get(n.Name)
		if err != nil || n == nil || n.Status != api.NetworkStatusPending || time.Now().After(deadline) {
			return n, err
		}
		if err := sdkincus.Pause(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

const whyBroken = "the server was interrupted when it made or changed the network"

// elsewhere returns the network without its subnet, so that another one is chosen for it.
func elsewhere(n *api.Network) *api.Network {
	if n == nil || !broken(n) {
		return n
	}
	moved := *n
	moved.Config = maps.Clone(n.Config)
	delete(moved.Config, "ipv4.address")
	return &moved
}

// dissolve turns a network that was never finished into one that Incus deletes with its interface; of the others it
// deletes its own record alone, and the interface is in the way of the next network. What helps is a new name under
// which the network cannot start. It returns the name that is to be deleted.
func (s *server) dissolve(n *api.Network) string {
	if n.Status != api.NetworkStatusPending || n.Type != typeBridge {
		return n.Name
	}
	put := n.Writable()
	put.Config = map[string]string{
		resource.KeyProject: n.Config[resource.KeyProject], resource.KeyName: n.Config[resource.KeyName],
		"ipv4.address": "192.0.2.1/24", "ipv4.nat": "false", "ipv6.address": "none", keyRaw: "icc-ends-this-network",
	}
	end := "icc-" + naming.Hash("end", n.Name)[:8]
	if s.UpdateNetwork(n.Name, put, "") != nil {
		return n.Name
	}
	_ = s.RenameNetwork(n.Name, api.NetworkPost{Name: end}) // which fails, as it should
	if _, _, err := s.GetNetwork(end); err != nil {
		return n.Name
	}
	return end
}

// revive waits until Incus has started a network that was broken.
func (e *ensurer) revive(ctx context.Context) error {
	for deadline := time.Now().Add(revival); ; {
		n, _, err := e.get(e.name)
		if err != nil || n == nil || n.Status != api.NetworkStatusUnavailable {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("network %q stays unavailable on the server; its log says why", e.name)
		}
		if err := sdkincus.Pause(ctx, time.Second); err != nil {
			return err
		}
	}
}
