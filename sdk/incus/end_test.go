package incus

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

func TestTheEndOfAnUploadIsSeenWhenItsEventIsLost(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/1.0/events":
			upgrader := websocket.Upgrader{}
			if conn, err := upgrader.Upgrade(w, r, nil); err == nil {
				_, _, _ = conn.ReadMessage() // and never says a word
			}
		case r.Method == http.MethodPost:
			background(w, "op1")
		case strings.HasSuffix(r.URL.Path, "/wait"):
			reply(w, api.Operation{ID: "op1", StatusCode: api.Failure, Err: "Image with same fingerprint already exists", Metadata: map[string]any{"fingerprint": "ab"}})
		default:
			reply(w, api.Operation{ID: "op1", StatusCode: api.Running})
		}
	})
	server, err := DialEvents(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	op, err := server.CreateImage(api.ImagesPost{}, &incus.ImageCreateArgs{MetaFile: strings.NewReader(""), RootfsFile: strings.NewReader("")})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		ended, err := EndProgress(t.Context(), server, op, resource.Discard{})
		if !IsExists(err) || !errors.Is(err, resource.ErrConflict) || ended == nil || ended.Metadata["fingerprint"] != "ab" {
			t.Errorf("it ended with %+v, %v", ended, err)
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("the end is not seen")
	}
}
