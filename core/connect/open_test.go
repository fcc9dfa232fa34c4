package connect

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/cliconfig"
	localtls "github.com/lxc/incus/v6/shared/tls"

	"github.com/icc-project/icc/sdk/resource"
)

// childVariable asks the test program to only open this socket and print what comes of it.
const childVariable = "ICC_CONNECT_TEST_CHILD"

// runChild is called first in TestMain.
func runChild() {
	socket := os.Getenv(childVariable)
	if socket == "" {
		return
	}
	_, err := openWith(context.Background(), cliconfig.DefaultConfig(), Options{Remote: "unix://" + socket})
	if err != nil {
		fmt.Print(resource.AsError(err).Code, "|", err, "|", resource.Hint(err))
	}
	os.Exit(0)
}

// expect checks an error's code, and that its text and its hint contain what they should.
func expect(t testing.TB, err error, code, text, hint string) {
	t.Helper()
	if err == nil {
		t.Fatal("want an error")
	}
	if got := resource.AsError(err).Code; got != code {
		t.Errorf("code %q, want %q (%v)", got, code, err)
	}
	if !strings.Contains(err.Error(), text) {
		t.Errorf("text %q lacks %q", err, text)
	}
	if got := resource.Hint(err); !strings.Contains(got, hint) {
		t.Errorf("hint %q lacks %q", got, hint)
	}
}

func TestALocalServerIsUsedDirectlyWithThreeQuestionsAtMost(t *testing.T) {
	t.Parallel()
	f := newFake()
	socket, runtime := overUnix(t, f), t.TempDir()
	write(t, filepath.Join(runtime, "icc-connect-11", "incus"), nil)
	c, err := openWith(t.Context(), clientConfig(t), Options{Remote: "unix://" + socket, RuntimeDir: runtime})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if left, _ := os.ReadDir(runtime); len(left) > 0 {
		t.Errorf("what the proxy of a killed run has left stays: %v", left)
	}
	s := c.Settings("shop", "shop", true)
	if c.Socket() != socket || s.IncusSocket != socket || s.Remote || c.IsRemote() || c.IsOffline() {
		t.Errorf("%+v", s)
	}
	got := []string{s.StoragePool, s.ServerVersion, strings.Join(s.Architectures, " "), strings.Join(s.APIExtensions, " "), s.ComposeProject, s.IncusProject}
	if diff := cmp.Diff([]string{"default", "7.0.2", "x86_64", "instance_oci", "shop", "shop"}, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if n := len(f.requests()); n > 2 {
		t.Errorf("asked %d times: %v", n, f.requests())
	}
	if err := errors.Join(c.RequireOCI(), c.SameHost(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestARemoteServerIsReachedThroughTheProxy(t *testing.T) {
	t.Parallel()
	for _, remote := range []string{"far", "far:", "its address"} {
		r := overTLS(t, newFake())
		if remote == "its address" {
			remote = r.server.URL + "/"
		}
		c, err := openWith(t.Context(), r.config, Options{Remote: remote, RuntimeDir: shortDir(t)})
		if err != nil {
			t.Fatalf("%s: %v", remote, err)
		}
		if info, _, err := c.Server().GetServer(); err != nil || info.Environment.ServerVersion != "7.0.2" {
			t.Errorf("%s: %v, %v", remote, info, err)
		}
		if !c.IsRemote() || !c.Settings("", "", true).Remote {
			t.Errorf("%s is not remote", remote)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestLocalProblemsAreExplained(t *testing.T) {
	t.Parallel()
	dead := filepath.Join(shortDir(t), "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	_ = listener.Close()
	mute := filepath.Join(shortDir(t), "s")
	silent, err := net.Listen("unix", mute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	untrusted := newFake()
	untrusted.auth = "untrusted"
	web := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") })
	tests := []struct{ name, socket, code, text, hint string }{
		{"nothing is there", "/does/not/exist", "connection-failed", "no socket /does/not/exist", "apt install incus"},
		{"nobody listens", dead, "connection-failed", "nobody listens on " + dead, "systemctl start incus"},
		{"the server does not answer", mute, "timeout", mute + " does not answer", "journalctl"},
		{"something else answers", overUnix(t, web), "connection-failed", "not that of an Incus server", "address of an Incus server"},
		{"the server knows us not", overUnix(t, untrusted), "permission", "does not trust this client", "incus-admin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limitOf(tt.code))
			defer cancel()
			_, err := openWith(ctx, cliconfig.DefaultConfig(), Options{Remote: "unix://" + tt.socket})
			expect(t, err, tt.code, tt.text, tt.hint)
		})
	}
}

// limitOf is short for what ends by its limit alone, and for nothing else, whatever the machine has to do.
func limitOf(code string) time.Duration {
	if code == "timeout" {
		return time.Second
	}
	return time.Minute
}

func TestASocketOfOthersIsExplained(t *testing.T) {
	t.Parallel()
	socket := overUnix(t, newFake())
	if err := errors.Join(os.Chmod(socket, 0), os.Chmod(filepath.Dir(socket), 0o755)); err != nil {
		t.Fatal(err)
	}
	// Root may use any socket, so somebody else has to try, with a copy of this program that he can read.
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(filepath.Dir(socket), "child")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = []string{childVariable + "=" + socket}
	cmd.Dir = "/"
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	for _, want := range []string{"permission|", "no access to " + socket, "usermod -aG incus-admin"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%q lacks %q (%v)", out, want, err)
		}
	}
}

func TestRemoteProblemsAreExplained(t *testing.T) {
	t.Parallel()
	other, _, err := localtls.GenerateMemCert(false, false)
	if err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(newFake())
	t.Cleanup(plain.Close)
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	tests := []struct {
		name             string
		break_           func(*remote)
		code, text, hint string
	}{
		{"nobody listens", func(r *remote) { r.server.Close() }, "connection-failed", "connecting to the Incus server far (https://127.0.0.1", "core.https_address"},
		{"the server does not answer", func(r *remote) { r.address("https://" + mute.Addr().String()) }, "timeout", "does not answer", "firewall"},
		{"the certificate was never recorded", func(r *remote) { _ = os.Remove(r.config.ServerCertPath("far")) }, "connection-failed", "certificate", "`incus remote remove far` and `incus remote add far https://"},
		{"the certificate is another one", func(r *remote) { write(t, r.config.ServerCertPath("far"), other) }, "connection-failed", "not the one recorded", "incus remote remove far"},
		{"the recorded certificate is damaged", func(r *remote) { write(t, r.config.ServerCertPath("far"), []byte("x")) }, "config", r0, "incus remote remove far"},
		{"the server does not trust us", func(r *remote) { r.auth = "untrusted" }, "permission", "far (https://", "incus config trust add"},
		{"the server speaks no TLS", func(r *remote) { r.address("https" + strings.TrimPrefix(plain.URL, "http")) }, "connection-failed", "TLS handshake", "check the port"},
		{"our key is damaged", func(r *remote) { write(t, r.config.ConfigPath("client.key"), damagedKey()) }, "config", "damaged", "generate-certificate"},
		{"the remote only has images", func(r *remote) { r.images() }, "config", "only serves images", "choose one of: local"},
		{"the address is no address", func(r *remote) { r.address("ftp://x") }, "config", "ftp://x", "incus remote list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := overTLS(t, newFake())
			tt.break_(r)
			ctx, cancel := context.WithTimeout(t.Context(), limitOf(tt.code))
			defer cancel()
			dir := shortDir(t)
			_, err := openWith(ctx, r.config, Options{Remote: "far", RuntimeDir: dir})
			expect(t, err, tt.code, tt.text, tt.hint)
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// r0 is part of the name of each file with a recorded certificate.
const r0 = "servercerts/far.crt"

func (r *remote) address(a string) {
	far := r.config.Remotes["far"]
	far.Addr = a
	r.config.Remotes["far"] = far
}

func (r *remote) images() {
	far := r.config.Remotes["far"]
	far.Protocol, far.Public = "simplestreams", true
	r.config.Remotes["far"] = far
}

func damagedKey() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("rubbish")})
}

func TestAnUnknownNameIsExplained(t *testing.T) {
	t.Parallel()
	err := resource.AsError(target{name: "far", url: mustURL("https://nowhere.example:8443")}.
		explain(t.Context(), &net.DNSError{Name: "nowhere.example", Err: "no such host", IsNotFound: true}))
	expect(t, err, "connection-failed", "https://nowhere.example:8443", "incus remote set-url far")
}

func TestAnUnknownRemoteListsTheKnownOnes(t *testing.T) {
	t.Parallel()
	r := overTLS(t, newFake())
	_, err := openWith(t.Context(), r.config, Options{Remote: "fat"})
	expect(t, err, "not-found", `no Incus remote "fat"`, `known remotes: far, local (did you mean "far"?)`)
}

func TestAServerWithoutOCIContainersNamesBothVersions(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.extensions = nil
	c, err := openWith(t.Context(), clientConfig(t), Options{Remote: "unix://" + overUnix(t, f)})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, c.RequireOCI(), "unsupported", "Incus 7.0.2", "upgrade")
	expect(t, c.RequireOCI(), "unsupported", "6.3 or later", "--remote")
}

func TestAnIncusProjectThatCannotBeUsedIsExplained(t *testing.T) {
	t.Parallel()
	for project, want := range map[string][]string{
		"there": nil, "gone": {"not-found", `no Incus project "gone"`, "incus project create gone"},
		"closed": {"permission", `"closed"`, "incus project list"},
	} {
		for _, pool := range []string{"", "default"} {
			c, err := openWith(t.Context(), clientConfig(t), Options{
				Remote: "unix://" + overUnix(t, newFake()), IncusProject: project, StoragePool: pool,
			})
			if want != nil {
				expect(t, err, want[0], want[1], want[2])
				continue
			}
			if err != nil || c.Project() != project {
				t.Errorf("%s: %v", project, err)
			}
		}
	}
}

func TestAnIncusProjectOfTheClientsThatIsGoneIsToBeForgottenThere(t *testing.T) {
	t.Parallel()
	config := clientConfig(t)
	config.Remotes["here"] = cliconfig.Remote{Addr: "unix://" + overUnix(t, newFake()), Protocol: "incus", Project: "gone"}
	_, err := openWith(t.Context(), config, Options{Remote: "here"})
	expect(t, err, "not-found", `no Incus project "gone"`, "incus project switch here:default")
}

func TestOfflineThereIsNoServer(t *testing.T) {
	t.Parallel()
	c := Offline()
	if s := c.Settings("shop", "shop", true); s.IncusSocket != "" || !c.IsOffline() || s.ComposeProject != "shop" {
		t.Errorf("%+v", s)
	}
	_, poolErr := c.StoragePool()
	_, addressErr := c.HTTPSAddress()
	for _, err := range []error{c.RequireOCI(), c.SameHost(t.Context()), poolErr, addressErr} {
		if !errors.Is(err, resource.ErrDisconnected) {
			t.Errorf("want ErrDisconnected, got %v", err)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// forgetUser keeps the environment of whoever runs the tests out of them.
func forgetUser() {
	for _, v := range []string{"INCUS_REMOTE", "INCUS_PROJECT", "INCUS_SOCKET", "INCUS_DIR", "INCUS_CONF", "INCUS_GLOBAL_CONF"} {
		_ = os.Unsetenv(v)
	}
}
