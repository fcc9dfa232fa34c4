package main

import (
	"testing"

	"github.com/lxc/incus/v6/shared/api"
)

func TestABrokenNetworkIsMadeElsewhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status string
		used   bool
		broken bool
	}{
		"one that works":                           {api.NetworkStatusCreated, false, false},
		"one that the server could not start":      {api.NetworkStatusUnavailable, true, true},
		"one that was never finished":              {api.NetworkStatusPending, false, true},
		"one that somebody is on and works so far": {api.NetworkStatusPending, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &api.Network{Managed: true, Status: c.status, NetworkPut: api.NetworkPut{Config: map[string]string{"ipv4.address": "10.1.2.1/24", "user.icc.project": "shop"}}}
			if c.used {
				n.UsedBy = []string{"/1.0/instances/web-1"}
			}
			if broken(n) != c.broken {
				t.Errorf("broken is %v", !c.broken)
			}
			moved := elsewhere(n).Config
			if _, stays := moved["ipv4.address"]; stays == c.broken || moved["user.icc.project"] != "shop" || n.Config["ipv4.address"] == "" {
				t.Errorf("the network becomes %v, and was %v", moved, n.Config)
			}
		})
	}
}
