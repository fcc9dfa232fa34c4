package incus

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestWaitingEndsWithItsContextAndCancelsTheOperation(t *testing.T) {
	t.Parallel()
	cancelled := make(chan string, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut:
			background(w, "op1")
		case r.Method == http.MethodDelete:
			cancelled <- r.URL.Path
			reply(w, nil)
		default:
			<-r.Context().Done() // the operation never ends
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	server, err := Dial(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	op, err := server.UpdateInstanceState("web", api.InstanceStatePut{Action: "start"}, "")
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := Wait(ctx, op); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	select {
	case path := <-cancelled:
		if path != "/1.0/operations/op1" {
			t.Errorf("cancelled %s", path)
		}
	default:
		t.Error("the operation was not cancelled")
	}
}

func TestWaitReturnsTheOperationsError(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			background(w, "op1")
			return
		}
		reply(w, api.Operation{ID: "op1", StatusCode: api.Failure, Err: `Instance is busy running a "stop" operation`})
	})
	server, err := Dial(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	op, err := server.UpdateInstanceState("web", api.InstanceStatePut{Action: "start"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := WaitProgress(t.Context(), op, resource.Discard{}); !errors.Is(err, resource.ErrConflict) || !strings.Contains(err.Error(), "busy") {
		t.Errorf("got %v", err)
	}
}

func TestAConnectionOutlivesItsContextOnlyForItsLastWords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		longer := outlive(ctx, 2*time.Second)
		cancel()
		time.Sleep(2*time.Second - time.Nanosecond)
		if synctest.Wait(); longer.Err() != nil {
			t.Error("it ends too early")
		}
		time.Sleep(time.Nanosecond)
		if synctest.Wait(); longer.Err() == nil {
			t.Error("it does not end")
		}
	})
}

func TestDiallingNeedsASocketAndALivingContext(t *testing.T) {
	t.Parallel()
	if _, err := Dial(t.Context(), sdk.Settings{}); !errors.Is(err, resource.ErrDisconnected) {
		t.Errorf("without a socket: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := DialEvents(ctx, sdk.Settings{IncusSocket: "/s"}); !errors.Is(err, context.Canceled) {
		t.Errorf("too late: %v", err)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		metadata map[string]any
		want     resource.Progress
		ok       bool
	}{
		{"nothing is known", map[string]any{"fds": "x"}, resource.Progress{Percent: -1}, false},
		{"a percentage", map[string]any{"download_progress": "rootfs: 45% (12.5MB/s)"}, resource.Progress{Percent: 45, Text: "rootfs: 45% (12.5MB/s)"}, true},
		{"an amount", map[string]any{"unpack_progress": "Unpack: 3.21MB (1MB/s)"}, resource.Progress{Percent: -1, Text: "Unpack: 3.21MB (1MB/s)"}, true},
		{"more than all", map[string]any{"download_progress": "100.5% 250%"}, resource.Progress{Percent: 5, Text: "100.5% 250%"}, true},
		{"something else of that name", map[string]any{"create_progress": 7}, resource.Progress{Percent: -1}, false},
		{"the first of two", map[string]any{"b_progress": "2%", "a_progress": "1%"}, resource.Progress{Percent: 1, Text: "1%"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := ProgressOf(api.Operation{Metadata: tt.metadata})
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
				t.Errorf("ok %v (-want +got):\n%s", ok, diff)
			}
		})
	}
}
