package incus

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestUpdateReadsAgainAfterAConflict(t *testing.T) {
	t.Parallel()
	conflict := api.StatusErrorf(412, "ETag doesn't match")
	// The server has said so and hung up before all was sent.
	cut := &url.Error{Op: "Put", URL: "http://unix.socket/1.0", Err: &net.OpError{Op: "write", Net: "unix", Err: os.NewSyscallError("write", syscall.EPIPE)}}
	tests := []struct {
		name      string
		conflicts int
		other     error
		want      error
		writes    int
	}{
		{"at once", 0, nil, nil, 1},
		{"after two others", 2, nil, nil, 3},
		{"not forever", 100, nil, resource.ErrConflict, updateAttempts},
		{"not after another error", 0, api.StatusErrorf(403, "no"), resource.ErrPermission, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reads, writes := 0, 0
			err := Update(t.Context(), func() (int, string, error) { reads++; return reads, "etag", nil },
				func(object int, etag string) error {
					writes++
					if object != reads || etag != "etag" {
						t.Errorf("writes an old object %d of %d, etag %q", object, reads, etag)
					}
					switch {
					case writes <= tt.conflicts && writes%2 == 1:
						return cut
					case writes <= tt.conflicts:
						return conflict
					}
					return tt.other
				})
			if !errors.Is(err, tt.want) || writes != tt.writes {
				t.Errorf("got %v after %d writes", err, writes)
			}
		})
	}
}

func TestRetryingWaitsForABusyInstance(t *testing.T) {
	t.Parallel()
	busy := errors.New(`Instance is busy running a "start" operation`)
	calls := 0
	if err := Retry(t.Context(), func() error {
		if calls++; calls < 4 {
			return busy
		}
		return nil
	}); err != nil || calls != 4 {
		t.Errorf("%v after %d calls", err, calls)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := Retry(ctx, func() error { return busy }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beyond its context: %v", err)
	}
	other := errors.New("other")
	calls = 0
	if err := Retry(t.Context(), func() error { calls++; return other }); !errors.Is(err, other) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestPatchingSendsTheKeysAloneToTheRightProject(t *testing.T) {
	t.Parallel()
	type request struct{ Method, Path, Project, Body string }
	seen := make(chan request, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&body)
		seen <- request{r.Method, r.URL.EscapedPath(), r.URL.Query().Get("project"), string(body)}
		reply(w, nil)
	})
	server, err := Dial(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := PatchConfig(server, map[string]string{"user.a": "1"}, "storage-pools", "a b", "volumes"); err != nil {
		t.Fatal(err)
	}
	want := request{"PATCH", "/1.0/storage-pools/a%20b/volumes", "shop", `{"config":{"user.a":"1"}}`}
	if diff := cmp.Diff(want, <-seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	got := Marks("shop", "data", map[string]string{"a.b": "1", "": "empty"})
	want := map[string]string{
		"user.icc.project": "shop", "user.icc.name": "data", "user.icc.version": sdk.Version, "user.label.a.b": "1", "user.label.": "empty",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a.b": "1", "": "empty"}, Labels(got)); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if !Belongs(got, "shop") || Belongs(got, "shop2") || Belongs(nil, "shop") || Labels(nil) != nil {
		t.Error("marks are not recognized")
	}
	a := map[string]string{"x": "1", "y": "1"}
	if diff := cmp.Diff(map[string]string{"x": "1", "y": "2"}, Merge(a, nil, map[string]string{"y": "2"})); diff != "" || a["y"] != "1" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}
