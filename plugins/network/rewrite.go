package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// rewriteAttempts bounds rewrite. Each attempt takes Incus the better part of a second, on a busy machine much longer; the
// pauses between clashes grow, may be several attempts long and are random, so that two writers soon miss each other.
const rewriteAttempts = 8

// rewrite changes a network from what it is to what next makes of that, and says whether it wrote. Incus 7.0 compares
// ETags, but does not keep two writers apart after that: each restarts the network's DNS server under the other one's
// hands, one of them fails, and undoes both. So writers of this machine queue up, who fails that way tries again,
// and what was written to a network that others write to is looked at once more.
func (s *server) rewrite(ctx context.Context, name string, next func(*api.Network) (api.NetworkPut, bool, error)) (changed bool, err error) {
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return false, err
	}
	defer unlock()
	for attempt := range rewriteAttempts {
		began := time.Now()
		wrote, shared := false, false
		get := func() (*api.Network, string, error) { return s.GetNetwork(name) }
		err = sdkincus.Update(ctx, get, func(n *api.Network, etag string) error {
			shared = s.isShared(n)
			put, differs, err := next(n)
			if err != nil || !differs {
				wrote = false
				return err
			}
			wrote = true
			return s.UpdateNetwork(n.Name, put, etag)
		})
		changed = changed || wrote // even where it failed: the other writer may have read it in between, and kept it
		switch {
		case err == nil && (!wrote || !shared):
			return changed, nil
		case err != nil && (!isClash(err) || !shared && attempt > 0):
			return changed, fmt.Errorf("updating network %q: %w", name, err)
		}
		if err != nil {
			pause := max(min(500*time.Millisecond<<attempt, 4*time.Second), 3*time.Since(began))
			if err := sdkincus.Pause(ctx, rand.N(pause)); err != nil {
				return changed, err
			}
		}
	}
	if err != nil {
		return changed, fmt.Errorf("updating network %q: %w", name, err)
	}
	return changed, fmt.Errorf("updating network %q: somebody else keeps undoing it", name)
}

// isShared says whether others than this Compose project write to the network.
func (s *server) isShared(n *api.Network) bool {
	for _, l := range readLeases(n.Config) {
		if l.Project != s.settings.ComposeProject {
			return true
		}
	}
	return !s.owns(n.Config)
}

// isClash recognises the server's failure when two writers change one network.
func isClash(err error) bool { return api.StatusErrorCheck(err, 500) }
