//go:build incus

package main

import (
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/conformance"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestTheNetworkPluginKeepsThePromisesOfTheProtocol(t *testing.T) {
	s := newShop(t, "promise")
	s.host.LeavesNothing(t)
	chosen := s.network("web-1")
	chosen.IPAM = []kinds.IPAMPool{{Subnet: "10.99.7.0/24"}}
	chosen.Attachments[0].IPv4 = "10.99.7.77"
	chosen.Labels = map[string]string{"who": "me"}
	conformance.Provider(t, newProvider(), conformance.Case{
		New: func() sdk.Provider { return newProvider() }, Watch: s.host.Quiet,
		Settings: s.Settings(),
		Declarations: []resource.Declaration{
			conformance.Declare(resource.KindNetwork, "front", s.network("web-1", "web-2")),
			conformance.Declare(resource.KindNetwork, "chosen", chosen),
		},
	})
}
