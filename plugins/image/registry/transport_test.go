package registry

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/icc-project/icc/plugins/image/reference"
)

// TestARegistrysOwnAuthorityIsTrusted changes the environment, so it does not run beside others.
func TestARegistrysOwnAuthorityIsTrusted(t *testing.T) {
	configs := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", configs)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")
	ref, err := reference.Parse(host+"/app", nil)
	if err != nil {
		t.Fatal(err)
	}
	get := func() error {
		transport, err := newTransport(ref)
		if err != nil {
			return err
		}
		resp, err := (&http.Client{Transport: transport}).Get(server.URL)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	if err := get(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without its authority: got %v, want an error about the certificate", err)
	}
	folder := filepath.Join(configs, "containers/certs.d", host)
	write(t, filepath.Join(folder, "ca.crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	if err := get(); err != nil {
		t.Errorf("with its authority: %v", err)
	}
	write(t, filepath.Join(folder, "client.cert"), "nonsense")
	if err := get(); err == nil || !strings.Contains(err.Error(), "client.cert") {
		t.Errorf("with half a client certificate: got %v, want an error that names it", err)
	}
}
