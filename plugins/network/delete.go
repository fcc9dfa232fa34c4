package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// remove deletes a network of this project and its ACL. On a network of somebody else it takes back what this project
// has put there. What is gone already is a success.
func remove(ctx context.Context, s *server, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	name := req.Resource.IncusName
	if req.State.IncusName != "" {
		name = req.State.IncusName
	}
	n, _, err := s.get(name)
	if err == nil && n != nil && s.owns(n.Config) {
		n, err = s.settled(ctx, n)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case n == nil:
		removed, err := removeACL(s, name) // an interrupted run may have left it alone
		return &sdk.RunResult{Changed: removed}, err
	case s.owns(n.Config):
		if err := deleteNetwork(s, n); err != nil {
			return nil, err
		}
		return &sdk.RunResult{Changed: true}, nil
	}
	changed, err := withdraw(ctx, s, n)
	if changed {
		sink.Notice(resource.LevelInfo, fmt.Sprintf("network %s belongs to somebody else and stays; this project's records are removed", name))
	}
	return &sdk.RunResult{Changed: changed}, err
}

// deleteNetwork deletes a network of our own and its ACL.
func deleteNetwork(s *server, n *api.Network) error {
	if len(n.UsedBy) > 0 {
		return inUse(n)
	}
	err := s.DeleteNetwork(s.dissolve(n))
	if err != nil && strings.Contains(err.Error(), "in use") {
		if again, _, lookErr := s.get(n.Name); lookErr == nil && again != nil {
			return inUse(again).Wrap(err)
		}
	}
	if err != nil && !sdkincus.IsNotFound(err) {
		return fmt.Errorf("deleting network %q: %w", n.Name, sdkincus.MapError(err))
	}
	_, err = removeACL(s, n.Name)
	return err
}

// withdraw removes this project's records and leases from somebody else's network.
func withdraw(ctx context.Context, s *server, n *api.Network) (changed bool, err error) {
	project := s.settings.ComposeProject
	if _, changed := withdrawn(n, project); !changed {
		return false, nil
	}
	return s.rewrite(ctx, n.Name, func(n *api.Network) (api.NetworkPut, bool, error) {
		config, differs := withdrawn(n, project)
		return api.NetworkPut{Config: config, Description: n.Description}, differs, nil
	})
}
