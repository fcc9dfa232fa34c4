package spec_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

func TestAnInstanceRemembersWhatItWas(t *testing.T) {
	t.Parallel()
	noon := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	have := &api.Instance{Name: "shop-web-1", Type: "container", InstancePut: api.InstancePut{
		Profiles: []string{"small"},
		Config: map[string]string{
			"limits.cpu": "1", "user.hand": "made", "volatile.base_image": "f00", resource.KeyHash: "old",
			resource.KeyOwned: "limits.cpu,@eth0",
		},
		Devices: api.DevicesMap{"eth0": {"type": "nic"}, "hand": {"type": "none"}},
	}}
	want := &spec.Instance{Name: "shop-web-1", Hash: "new", Version: "v2", Config: map[string]string{"limits.cpu": "2"}}
	if _, err := spec.Previous(have, spec.RuntimeVolume{}, noon); !errors.Is(err, spec.ErrNoPrevious) {
		t.Errorf("without a record: %v", err)
	}
	if err := want.Remember(have, noon); err != nil {
		t.Fatal(err)
	}
	if got := want.Config[spec.KeyPreviousImage]; got != "f00" {
		t.Errorf("the earlier image is %q", got)
	}
	if got := want.Config[spec.KeyPreviousBy]; got != "2030-01-02T12:00:00Z v2" {
		t.Errorf("the change is %q", got)
	}
	if text := want.Config[spec.KeyPrevious]; strings.Contains(text, "limits") {
		t.Errorf("the record can be read by chance: %s", text)
	}
	before, err := spec.Previous(&api.Instance{Name: "shop-web-1", Type: "container", InstancePut: api.InstancePut{Config: want.Config}}, spec.RuntimeVolume{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	expected := &spec.Instance{
		Name: "shop-web-1", Type: "container", Fingerprint: "f00", Profiles: []string{"small"}, Hash: "old",
		Config: map[string]string{
			"limits.cpu": "1", resource.KeyHash: "old", resource.KeyOwned: "limits.cpu,@eth0",
			spec.KeyPrevious: "", spec.KeyPreviousImage: "", spec.KeyPreviousBy: "2030-01-02T12:00:00Z back",
			spec.KeyPreviousFailed: "",
		},
		Devices: spec.Devices{"eth0": {"type": "nic"}},
	}
	if diff := cmp.Diff(expected, before); diff != "" {
		t.Errorf("what it was (-want +got):\n%s", diff)
	}
}

func TestNothingIsRememberedOfWhatIsNothingToGoBackTo(t *testing.T) {
	t.Parallel()
	noon := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	for name, hash := range map[string]string{"half made": "", "the same": "new"} {
		want := &spec.Instance{Hash: "new", Config: map[string]string{}}
		have := &api.Instance{InstancePut: api.InstancePut{Config: map[string]string{
			resource.KeyHash: hash, spec.KeyPrevious: "x", spec.KeyPreviousImage: "y",
		}}}
		if err := want.Remember(have, noon); err != nil || len(want.Config) > 0 {
			t.Errorf("%s: remembers %v, %v", name, want.Config, err)
		}
		if want.KeepPrevious(have); want.Config[spec.KeyPreviousImage] != "y" {
			t.Errorf("%s: what it remembers is lost where it is made anew", name)
		}
	}
}
