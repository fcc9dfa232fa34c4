package lifecycle

import (
	"testing"

	"github.com/lxc/incus/v6/shared/api"
)

func TestOnlyTheMakingOfTheInstanceItselfIsWaitedFor(t *testing.T) {
	t.Parallel()
	m := &Manager{Name: "web-1"}
	mine := []string{"/1.0/instances/web-1?project=shop"}
	for name, c := range map[string]struct {
		op   api.Operation
		want bool
	}{
		"its creation":             {api.Operation{Description: "Creating instance", StatusCode: api.Running, Resources: map[string][]string{"instances": mine}}, true},
		"its rebuild":              {api.Operation{Description: "Rebuilding instance", StatusCode: api.Running, Resources: map[string][]string{"instances": mine}}, true},
		"a rebuild that is over":   {api.Operation{Description: "Rebuilding instance", StatusCode: api.Success, Resources: map[string][]string{"instances": mine}}, false},
		"its start":                {api.Operation{Description: "Starting instance", StatusCode: api.Running, Resources: map[string][]string{"instances": mine}}, false},
		"another one's rebuild":    {api.Operation{Description: "Rebuilding instance", StatusCode: api.Running, Resources: map[string][]string{"instances": {"/1.0/instances/my-web-1"}}}, false},
		"an operation without one": {api.Operation{Description: "Rebuilding instance", StatusCode: api.Running}, false},
	} {
		if got := m.makes(c.op); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
