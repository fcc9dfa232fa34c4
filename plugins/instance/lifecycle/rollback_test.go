package lifecycle

import (
	"errors"
	"testing"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
)

// ending is a server that takes no writes yet: it is clearing the instance away.
type ending struct {
	incus.InstanceServer
	refusals int
	written  bool
}

func (e *ending) GetConnectionInfo() (*incus.ConnectionInfo, error) {
	return &incus.ConnectionInfo{Project: "shop"}, nil
}

func (e *ending) RawQuery(string, string, any, string) (*api.Response, string, error) {
	if e.refusals--; e.refusals >= 0 {
		return nil, "", errors.New(`Instance is busy running a "stop" operation`)
	}
	e.written = true
	return &api.Response{}, "", nil
}

func TestAVerdictIsWrittenOnceTheServerTakesIt(t *testing.T) {
	t.Parallel()
	server := &ending{refusals: 2}
	m := &Manager{Server: server, Name: "web-1", Sink: quiet{}}
	m.note(t.Context(), map[string]string{spec.KeyPreviousFailed: "2"})
	if !server.written {
		t.Error("it is not known any more that the change has failed")
	}
}
