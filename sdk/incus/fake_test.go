package incus

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
)

// serve answers on a unix socket with h and returns the settings that lead there.
func serve(t testing.TB, h http.HandlerFunc) sdk.Settings {
	t.Helper()
	dir, err := os.MkdirTemp("", "i") // a path that fits into a socket's address
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); _ = os.RemoveAll(dir) })
	return sdk.Settings{IncusSocket: listener.Addr().String(), IncusProject: "shop"}
}

func reply(w http.ResponseWriter, metadata any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(api.ResponseRaw{Type: api.SyncResponse, StatusCode: 200, Metadata: metadata})
}

// background answers with an operation that is under way.
func background(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(api.ResponseRaw{
		Type: api.AsyncResponse, StatusCode: 100, Operation: "/1.0/operations/" + id,
		Metadata: api.Operation{ID: id, StatusCode: api.Running, MayCancel: true},
	})
}
