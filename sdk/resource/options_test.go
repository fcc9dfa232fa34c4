package resource_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func TestEachOptionSetsItsField(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []resource.Option
		want resource.Options
	}{
		"none: whole logs, no changes": {nil, resource.Options{Tail: -1}},
		"create and force":             {[]resource.Option{resource.OptionCreate(), resource.OptionForce()}, resource.Options{Tail: -1, Create: true, Force: true}},
		"timeouts": {
			[]resource.Option{resource.OptionTimeout(time.Second), resource.OptionDependencyTimeout(time.Minute)},
			resource.Options{Tail: -1, Timeout: time.Second, DependencyTimeout: time.Minute},
		},
		"images": {
			[]resource.Option{resource.OptionPull(resource.PullAlways), resource.OptionBuild(resource.BuildForce)},
			resource.Options{Tail: -1, Pull: resource.PullAlways, Build: resource.BuildForce},
		},
		"follow without daemon":    {[]resource.Option{resource.OptionFollow(), resource.OptionNoHealthd()}, resource.Options{Tail: -1, Follow: true, NoHealthd: true}},
		"the last of two is valid": {[]resource.Option{resource.OptionTimeout(1), resource.OptionTimeout(2)}, resource.Options{Tail: -1, Timeout: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, resource.NewOptions(c.opts...)); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}
