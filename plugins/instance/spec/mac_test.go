package spec_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/plugins/instance/spec"
)

func TestHardwareAddressesFollowFromIPAddresses(t *testing.T) {
	t.Parallel()
	got := spec.FirstMACs(spec.Devices{
		"eth0": {"type": "nic", "ipv4.address": "10.9.0.255"},
		"eth1": {"type": "nic", "ipv4.address": "10.9.1.2/24"},
		"eth2": {"type": "nic", "ipv4.address": "10.9.2.2", "hwaddr": "02:00:00:00:00:01"},
		"eth3": {"type": "nic"},
		"eth4": {"type": "nic", "ipv4.address": "none"},
		"data": {"type": "disk", "ipv4.address": "10.9.3.2"},
	})
	want := map[string]string{"volatile.eth0.hwaddr": "02:1c:0a:09:00:ff", "volatile.eth1.hwaddr": "02:1c:0a:09:01:02"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
