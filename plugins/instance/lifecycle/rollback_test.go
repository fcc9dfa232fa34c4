package lifecycle

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// ending is a server that is busy for a while with the end of an instance.
type ending struct {
	incus.InstanceServer
	busy, asked int
}

func (e *ending) GetConnectionInfo() (*incus.ConnectionInfo, error) {
	return &incus.ConnectionInfo{}, nil
}

func (e *ending) GetInstance(string) (*api.Instance, string, error) {
	config := map[string]string{spec.KeyPrevious: "x", spec.KeyPreviousBy: "2030-01-02T12:00:00Z v2"}
	return &api.Instance{InstancePut: api.InstancePut{Config: config}}, "", nil
}

func (e *ending) RawQuery(string, string, any, string) (*api.Response, string, error) {
	if e.asked++; e.asked <= e.busy {
		return nil, "", errors.New(`Failed to create instance update operation: Instance is busy running a "stop" operation`)
	}
	return &api.Response{}, "", nil
}

func TestAVerdictOnWhatIsEndingIsWrittenAfterItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &ending{busy: 3}
		(&Manager{Server: server, Name: "web-1", Sink: resource.Discard{}}).Judge(t.Context(), errors.New("it has ended"))
		if server.asked != 4 {
			t.Errorf("it was written with %d tries", server.asked)
		}
	})
}
