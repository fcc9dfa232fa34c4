package guest

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"
)

// executor is a server that says one thing of a command.
type executor struct {
	incus.InstanceServer
	says api.Operation
	err  error
}

func (e executor) ExecInstance(string, api.InstanceExecPost, *incus.InstanceExecArgs) (incus.Operation, error) {
	return begun{}, nil
}

func (e executor) GetOperation(string) (*api.Operation, string, error) { return &e.says, "", e.err }

type begun struct{ incus.Operation }

func (begun) Get() api.Operation { return api.Operation{ID: "1"} }

func TestWhatIsLaunchedIsWatchedUntilItRuns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		server executor
		code   int
		fails  string
	}{
		"it runs": {executor{says: api.Operation{StatusCode: api.Running}}, 0, ""},
		"it has ended, with whatever code": {
			executor{says: api.Operation{StatusCode: api.Success, Metadata: map[string]any{"return": 3.0}}}, 0, ""},
		"it has ended and is forgotten": {executor{err: api.StatusErrorf(http.StatusNotFound, "not found")}, 0, ""},
		"there is no such command":      {executor{says: api.Operation{StatusCode: api.Failure, Err: "Command not found"}}, codeNotFound, ""},
		"the server does not answer":    {executor{err: errors.New("connection refused")}, 0, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var complaints bytes.Buffer
				code, err := launch(t.Context(), tt.server, "web-1", api.InstanceExecPost{}, &complaints)
				if code != tt.code || (err == nil) != (tt.fails == "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("got %d, %v", code, err)
				}
				if (complaints.Len() > 0) != (tt.code != 0) {
					t.Errorf("it complains %q", &complaints)
				}
			})
		})
	}
}
