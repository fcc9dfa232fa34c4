package lifecycle

import (
	"errors"
	"maps"
	"testing"
	"testing/synctest"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// ending is a server that is busy for a while with the end of an instance, and that counts what is written.
type ending struct {
	incus.InstanceServer
	busy, asked int
	config      map[string]string
}

func (e *ending) GetConnectionInfo() (*incus.ConnectionInfo, error) {
	return &incus.ConnectionInfo{}, nil
}

func (e *ending) GetInstance(string) (*api.Instance, string, error) {
	config := map[string]string{spec.KeyPrevious: "x", spec.KeyPreviousBy: "2030-01-02T12:00:00Z v2"}
	maps.Copy(config, e.config)
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

func TestAStartProvesNothingWhereAHealthTestIsStillToSpeak(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		test   string
		writes int
	}{
		"without a health test":             {"", 1},
		"with a health test":                {`["CMD","true"]`, 0},
		"with one that somebody has spoilt": {`["CMD"`, 1},
	} {
		server := &ending{config: map[string]string{spec.KeyPreviousFailed: "v2", resource.HealthKeyPrefix + "test": tt.test}}
		m := &Manager{Server: server, Name: "web-1", Sink: resource.Discard{}}
		if _, err := m.started(t.Context()); err != nil {
			t.Fatal(err)
		}
		if server.asked != tt.writes {
			t.Errorf("%s: %d writes after the start, want %d", name, server.asked, tt.writes)
		}
		server.asked = 0
		if inst, _, _ := server.GetInstance(m.Name); inst != nil {
			m.Prove(t.Context(), inst)
		}
		if server.asked != 1 {
			t.Errorf("%s: %d writes once it is seen to work, want 1", name, server.asked)
		}
	}
}
