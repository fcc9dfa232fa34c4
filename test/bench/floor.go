//go:build incus

package main

import (
	"context"
	"fmt"
	"net/netip"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
	"golang.org/x/sync/errgroup"
)

const (
	// floorName is the Incus project of the floor and its network.
	floorName = "iccfloor"
	floorPool = "default"
	// workers is as many as icc uses.
	workers = 8
	// grace is how long a stop waits before it kills: Docker's, and so icc's.
	grace = 10
)

// floorNetwork is the bridge's address; the containers' follow it.
var floorNetwork = netip.MustParsePrefix("10.99.0.1/24")

// floor makes the containers that icc makes, with nothing but the Incus client. Project and network exist.
type floor struct {
	server incus.InstanceServer
	image  string
}

// newFloor prepares project and network; image is the fingerprint that icc's containers came from.
func newFloor(root incus.InstanceServer, image string) (*floor, error) {
	project := api.ProjectsPost{Name: floorName}
	project.Config = map[string]string{"features.images": "false", "features.profiles": "false"}

	if err := root.CreateProject(project); err != nil {
		return nil, fmt.Errorf("creating project %q: %w", floorName, err)
	}

	network := api.NetworksPost{Name: floorName, Type: "bridge"}
	network.Config = map[string]string{"ipv4.address": floorNetwork.String(), "ipv4.nat": "true", "ipv6.address": "none"}

	if err := root.CreateNetwork(network); err != nil {
		return nil, fmt.Errorf("creating network %q: %w", floorName, err)
	}

	return &floor{server: root.UseProject(floorName), image: image}, nil
}

func (f *floor) close(root incus.InstanceServer) error {
	if err := root.DeleteNetwork(floorName); err != nil {
		return fmt.Errorf("deleting network %q: %w", floorName, err)
	}

	if err := root.DeleteProject(floorName); err != nil {
		return fmt.Errorf("deleting project %q: %w", floorName, err)
	}

	return nil
}

// up creates and starts n containers.
func (f *floor) up(ctx context.Context, n int) error {
	address := floorNetwork.Addr()
	addresses := make([]netip.Addr, n)

	for i := range addresses {
		address = address.Next()
		addresses[i] = address
	}

	return f.each(ctx, n, func(i int) error {
		operation, err := f.server.CreateInstance(f.container(floorContainer(i), addresses[i]))
		if err := finished(operation, err); err != nil {
			return err
		}

		return f.state(floorContainer(i), "start", false)
	})
}

// down stops and deletes them.
func (f *floor) down(ctx context.Context, n int, force bool) error {
	return f.each(ctx, n, func(i int) error {
		if err := f.state(floorContainer(i), "stop", force); err != nil {
			return err
		}

		operation, err := f.server.DeleteInstance(floorContainer(i))

		return finished(operation, err)
	})
}

// each calls do for the numbers below n, as many at once as icc works.
func (f *floor) each(ctx context.Context, n int, do func(int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)

	for i := range n {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}

			if err := do(i); err != nil {
				return fmt.Errorf("container %s: %w", floorContainer(i), err)
			}

			return nil
		})
	}

	return group.Wait()
}

func (f *floor) container(name string, address netip.Addr) api.InstancesPost {
	request := api.InstancesPost{
		Name:   name,
		Type:   api.InstanceTypeContainer,
		Source: api.InstanceSource{Type: "image", Fingerprint: f.image},
	}
	request.Config = map[string]string{
		"oci.entrypoint":      "sleep infinity",
		"oci.dns.nameservers": floorNetwork.Addr().String(),
	}
	request.Profiles = []string{}
	request.Devices = map[string]map[string]string{
		"root": {"type": "disk", "path": "/", "pool": floorPool},
		"eth0": {
			"type": "nic", "name": "eth0", "network": floorName, "ipv6.address": "none",
			"ipv4.address": netip.PrefixFrom(address, floorNetwork.Bits()).String(),
			"ipv4.gateway": floorNetwork.Addr().String(),
		},
	}

	return request
}

func (f *floor) state(name, action string, force bool) error {
	operation, err := f.server.UpdateInstanceState(name, api.InstanceStatePut{Action: action, Timeout: grace, Force: force}, "")

	return finished(operation, err)
}

// finished waits for an operation that was begun.
func finished(operation incus.Operation, err error) error {
	if err != nil {
		return err
	}

	return operation.Wait()
}

func floorContainer(i int) string { return fmt.Sprintf("floor-%d", i+1) }
