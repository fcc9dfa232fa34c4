package observe

import (
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

func TestANumberThatCannotBeReadIsThatInTheName(t *testing.T) {
	t.Parallel()
	for recorded, want := range map[string]int{"7": 7, "0": 0, "": 2, "{garbage": 2, "-1": 2, "99999999999999999999": 2} {
		inst := api.Instance{Name: "shop-web-2", InstancePut: api.InstancePut{Config: map[string]string{resource.KeyNumber: recorded}}}
		if got := Outputs(&inst).Number; got != want {
			t.Errorf("%q is %d, want %d", recorded, got, want)
		}
	}
}
