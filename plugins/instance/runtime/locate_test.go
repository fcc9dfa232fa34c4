package runtime_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/kinds"
)

func TestTheDevicesOfAnInstanceLeadToWhatTheCourierBrings(t *testing.T) {
	t.Parallel()
	for init, supervised := range map[string]bool{"": true, kinds.InitTakeover: true, kinds.InitOff: false} {
		want, err := spec.Translate(spec.Input{Name: "web-1", IncusName: "shop-web-1",
			Config: kinds.InstanceConfig{Service: "web", Number: 1, Init: init},
			Image:  kinds.ImageOutputs{Process: &kinds.ImageProcess{Cmd: []string{"sh"}}},
			Host:   spec.Host{Pool: "default", Runtime: spec.RuntimeVolume{Pool: "default", Name: "shop_runtime"}}})
		if err != nil {
			t.Fatal(err)
		}
		place, ok := runtime.Locate(&api.Instance{InstancePut: api.InstancePut{Config: want.Config, Devices: api.DevicesMap(want.Devices)}})
		if ok != supervised || ok && place != (runtime.Place{Pool: "default", Volume: "shop_runtime", Dir: "shop-web-1"}) {
			t.Errorf("init %q: located at %+v, %v", init, place, ok)
		}
	}
	s := &storage{dir: t.TempDir()}
	if err := s.courier(t, "program").Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, spec.InitFile)); err != nil {
		t.Errorf("the device of icc-init leads nowhere: %v", err)
	}
}
