package incus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestErrorsGetTheirSentinels(t *testing.T) {
	t.Parallel()
	status := func(code int, text string) error { return fmt.Errorf("doing: %w", api.StatusErrorf(code, "%s", text)) }
	plain := errors.New("plain")
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"not found", status(404, "Instance not found"), resource.ErrNotFound},
		{"no access", status(403, "Forbidden"), resource.ErrPermission},
		{"not logged in", status(401, "Unauthorized"), resource.ErrPermission},
		{"changed meanwhile", status(412, "ETag"), resource.ErrConflict},
		{"there already", status(409, "Conflict"), resource.ErrConflict},
		{"there already, in words", status(400, `Instance "a" already exists`), resource.ErrConflict},
		{"busy", errors.New(`Instance is busy running a "start" operation`), resource.ErrConflict},
		{"the helper for files is ending", errors.New("dial unix /proc/self/fd/38/forkfile.sock: connect: no such file or directory"), resource.ErrConflict},
		{"the proxy lost the server", status(502, "connection failed"), resource.ErrConnectionFailed},
		{"too late", fmt.Errorf("asking: %w", context.DeadlineExceeded), resource.ErrTimeout},
		{"known already", resource.ErrPortInUse.Wrap(status(404, "x")), resource.ErrPortInUse},
		{"cancelled", context.Canceled, context.Canceled},
		{"anything else", plain, plain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := MapError(tt.err)
			if !errors.Is(got, tt.want) || !errors.Is(got, tt.err) {
				t.Errorf("got %#v", got)
			}
			var e *resource.Error
			if known := errors.As(got, &e); known != errors.As(tt.want, &e) {
				t.Errorf("has a sentinel: %v", known)
			}
		})
	}
	if MapError(nil) != nil {
		t.Error("no error became one")
	}
}

func TestALostServerIsAFailedConnection(t *testing.T) {
	t.Parallel()
	hangUp := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, s := range map[string]sdk.Settings{"hangs up": hangUp, "was never there": {IncusSocket: "/does/not/exist"}} {
		server, err := Dial(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = server.GetInstance("web")
		if err := MapError(err); !errors.Is(err, resource.ErrConnectionFailed) {
			t.Errorf("a server that %s: %v", name, err)
		}
	}
}

func TestOnlyAMissingProjectMakesAnEmptyList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want error
	}{
		{nil, nil},
		{api.StatusErrorf(404, "Project not found"), nil},
		{api.StatusErrorf(404, `Failed loading project "x": Project not found`), nil},
		{api.StatusErrorf(404, "Storage pool not found"), resource.ErrNotFound},
		{api.StatusErrorf(403, "Project not found"), resource.ErrPermission},
	} {
		if _, err := Listed([]int{1}, tt.err); !errors.Is(err, tt.want) {
			t.Errorf("%v became %v", tt.err, err)
		}
	}
}
