package guest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/passwd"
	"github.com/icc-project/icc/plugins/instance/spec"
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

func TestADetachedCommandOfAnUnknownUserNamesIt(t *testing.T) {
	t.Parallel()
	users := func(_ context.Context, u spec.UserName) (passwd.ID, error) {
		return passwd.Find(u.User, u.Group, "mail:x:8:8::/var/mail:/bin/sh\n", "mail:x:8:\n")
	}
	refused := executor{says: api.Operation{StatusCode: api.Failure, Err: "Command not executable"}}
	for user, want := range map[string]string{
		"nosuch":      `there is no user "nosuch" in the image's /etc/passwd` + "\n",
		"mail:nosuch": `there is no group "nosuch" in the image's /etc/group` + "\n",
		"mail":        "exec: command not executable\n",
		"root":        "exec: command not executable\n",
		"":            "exec: command not executable\n",
	} {
		var complaints bytes.Buffer
		code, err := Exec(Command{Args: []string{"x"}, User: user}, users).Run(t.Context(), refused, "web-1", Streams{Stderr: &complaints, Detached: true})
		if code != codeNotExecutable || err != nil || complaints.String() != want {
			t.Errorf("as %q: got %d, %v and %q, want %q", user, code, err, &complaints, want)
		}
	}
}
