package connect

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/cliconfig"

	"github.com/icc-project/icc/sdk"
)

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func TestTheSocketIsFoundAsTheIncusCommandFindsIt(t *testing.T) {
	t.Parallel()
	full, users := shortDir(t), shortDir(t)
	for _, path := range []string{filepath.Join(full, "unix.socket"), filepath.Join(full, "unix.socket.user"), filepath.Join(users, "unix.socket.user")} {
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
	}
	tests := []struct {
		name, explicit string
		env            map[string]string
		want           localSocket
	}{
		{"an address that names it", "/x", map[string]string{"INCUS_SOCKET": "/y"}, localSocket{path: "/x"}},
		{"INCUS_SOCKET before INCUS_DIR", "", map[string]string{"INCUS_SOCKET": "/y", "INCUS_DIR": "/z"}, localSocket{path: "/y"}},
		{"INCUS_DIR", "", map[string]string{"INCUS_DIR": full}, localSocket{path: full + "/unix.socket"}},
		{"the users' socket with their project", "", map[string]string{"INCUS_DIR": users},
			localSocket{path: users + "/unix.socket.user", project: fmt.Sprintf("user-%d", os.Geteuid())}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := findSocket(tt.explicit, func(k string) string { return tt.env[k] })
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestImageRemotesAreThoseOfTheConfiguration(t *testing.T) {
	t.Parallel()
	config := cliconfig.NewConfig(t.TempDir(), true)
	config.Remotes["hub"] = cliconfig.Remote{Addr: "https://docker.io", Protocol: "oci", Public: true}
	write(t, config.ServerCertPath("hub"), []byte("PEM"))
	want := map[string]sdk.ImageRemote{
		"hub":    {Address: "https://docker.io", Protocol: "oci", Certificate: "PEM"},
		"images": {Address: "https://images.linuxcontainers.org", Protocol: "simplestreams"},
	}
	if diff := cmp.Diff(want, imageRemotes(config)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The environment belongs to the whole process, so this test runs alone.
func TestTheEnvironmentChoosesRemoteAndProject(t *testing.T) {
	r := overTLS(t, newFake())
	t.Setenv("INCUS_REMOTE", "far")
	t.Setenv("INCUS_PROJECT", "ours")
	c, err := openWith(t.Context(), r.config, Options{RuntimeDir: shortDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if !c.IsRemote() || c.Project() != "ours" {
		t.Errorf("remote %v, project %q", c.IsRemote(), c.Project())
	}
	r.config.Remotes["far"] = cliconfig.Remote{Addr: r.server.URL, Protocol: "incus", Project: "bound"}
	for option, want := range map[string]string{"": "ours", "mine": "mine"} {
		if got := chooseProject(option, target{project: "bound"}); got != want {
			t.Errorf("option %q: %q, want %q", option, got, want)
		}
	}
	t.Setenv("INCUS_PROJECT", "")
	for project, want := range map[string]string{"bound": "bound", "default": "", "": ""} {
		if got := chooseProject("", target{project: project}); got != want {
			t.Errorf("remote's project %q: %q, want %q", project, got, want)
		}
	}
}

func TestADamagedConfigurationIsExplained(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("INCUS_CONF", dir)
	write(t, filepath.Join(dir, "config.yml"), []byte("remotes: [unclosed"))
	_, err := Open(t.Context(), Options{})
	expect(t, err, "config", "client configuration cannot be read", "config.yml")
}
