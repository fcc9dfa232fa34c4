package main

import (
	"context"
	"encoding/json"
	"fmt"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// server is the connection of one call and what the settings say about it.
type server struct {
	incus.InstanceServer
	settings sdk.Settings
}

func connect(ctx context.Context, s sdk.Settings) (*server, error) {
	conn, err := sdkincus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	return &server{InstanceServer: conn, settings: s}, nil
}

// listing returns all networks as the server lists them in one request. Before the Incus project exists, it asks in the
// project that bridges belong to anyway.
func (s *server) listing() (json.RawMessage, error) {
	const path = "/1.0/networks"
	raw, err := sdkincus.Listing(s, path, nil)
	if sdkincus.IsNotFound(err) {
		raw, err = sdkincus.Listing(s.UseProject(api.ProjectDefaultName), path, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", sdkincus.MapError(err))
	}
	return raw, nil
}

// list returns all networks of the server.
func (s *server) list() ([]api.Network, error) { return existing(s, nil) }

// get returns a network and its ETag, nil when there is none of that name.
func (s *server) get(name string) (*api.Network, string, error) {
	n, etag, err := s.GetNetwork(name)
	if sdkincus.IsNotFound(err) {
		n, etag, err = s.UseProject(api.ProjectDefaultName).GetNetwork(name)
	}
	if sdkincus.IsNotFound(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("looking at network %q: %w", name, sdkincus.MapError(err))
	}
	return n, etag, nil
}

// owns says whether a configuration has this Compose project's mark. Without a Compose project nothing does.
func (s *server) owns(config map[string]string) bool {
	return s.settings.ComposeProject != "" && sdkincus.Belongs(config, s.settings.ComposeProject)
}
