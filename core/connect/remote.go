package connect

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"
	"github.com/lxc/incus/v6/shared/cliconfig"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// target is the server to talk to: a unix socket of this machine or an https address.
type target struct {
	// name is the remote's in the client configuration, empty for addresses that it does not know.
	name    string
	socket  string
	url     *url.URL
	project string
	// oidc says that the server wants the tokens of a browser log-in instead of a client certificate.
	oidc bool
}

func (t target) isRemote() bool { return t.url != nil }

// address is what messages call the server.
func (t target) address() string {
	if t.isRemote() {
		return t.url.String()
	}
	return t.socket
}

// String names the remote and its address, as far as it has a name.
func (t target) String() string {
	if t.name == "" || !t.isRemote() {
		return t.address()
	}
	return fmt.Sprintf("%s (%s)", t.name, t.address())
}

func (t target) baseURL() string {
	if t.isRemote() {
		return strings.TrimSuffix(t.url.String(), "/")
	}
	return "http://unix.socket"
}

// loadConfig reads the Incus client configuration; a missing one is the built-in one.
func loadConfig() (*cliconfig.Config, error) {
	config, err := cliconfig.LoadConfig("")
	if err != nil {
		return nil, resource.ErrConfig.WithText("the Incus client configuration cannot be read").Wrap(err).
			WithHint("run `incus remote list` to see the same problem, and correct config.yml in $INCUS_CONF or ~/.config/incus")
	}
	return config, nil
}

// findTarget picks the server: the option, then INCUS_REMOTE, then the configuration's default.
func findTarget(config *cliconfig.Config, wanted string) (target, error) {
	for _, w := range []string{wanted, os.Getenv("INCUS_REMOTE"), config.DefaultRemote} {
		if w = strings.TrimSuffix(w, ":"); w != "" {
			wanted = w
			break
		}
	}
	if strings.HasPrefix(wanted, "unix:") || strings.Contains(wanted, "://") {
		return targetByAddress(config, wanted)
	}
	remote, ok := config.Remotes[wanted]
	if !ok {
		return target{}, unknownRemote(config, wanted)
	}
	if remote.Public || remote.Protocol != "incus" {
		return target{}, resource.ErrConfig.
			WithText(fmt.Sprintf("remote %q only serves images, it runs no instances", wanted)).
			WithHint("choose one of: " + strings.Join(serverRemotes(config), ", "))
	}
	return makeTarget(wanted, remote)
}

// RemoteName returns the name of the remote that Open would connect to, empty when that has none or there is no such
// remote. It talks to nobody.
func RemoteName(wanted string) string {
	config, err := loadConfig()
	if err != nil {
		return ""
	}
	t, err := findTarget(config, wanted)
	if err != nil {
		return ""
	}
	return t.name
}

// targetByAddress prefers the remote of that address, because its certificates are known.
func targetByAddress(config *cliconfig.Config, address string) (target, error) {
	for _, name := range serverRemotes(config) {
		r := config.Remotes[name]
		if strings.HasPrefix(address, "https://") && strings.TrimSuffix(r.Addr, "/") == strings.TrimSuffix(address, "/") {
			return makeTarget(name, r)
		}
	}
	return makeTarget("", cliconfig.Remote{Addr: address})
}

func makeTarget(name string, r cliconfig.Remote) (target, error) {
	t := target{name: name, project: r.Project, oidc: r.AuthType == api.AuthenticationMethodOIDC}
	if path, ok := strings.CutPrefix(r.Addr, "unix:"); ok {
		local := findSocket(strings.TrimPrefix(path, "//"), os.Getenv)
		t.socket = local.path
		if t.project == "" {
			t.project = local.project
		}
		return t, nil
	}
	u, err := url.Parse(r.Addr)
	if err == nil && (u.Scheme != "https" || u.Host == "") {
		err = fmt.Errorf("it must be of the form https://host:8443 or unix:///path")
	}
	if err != nil {
		return target{}, resource.ErrConfig.WithText(fmt.Sprintf("%q is not the address of an Incus server", r.Addr)).Wrap(err).
			WithHint("give --remote the name of a remote (see `incus remote list`) or https://host:port")
	}
	t.url = u
	return t, nil
}

// chooseProject returns the Incus project the user named, or the one the remote is bound to.
func chooseProject(option string, t target) string {
	if option != "" {
		return option
	}
	if p := os.Getenv("INCUS_PROJECT"); p != "" {
		return p
	}
	if t.project == "default" {
		return "" // what `incus project switch default` leaves behind is no wish
	}
	return t.project
}

// serverRemotes lists the remotes that run instances, sorted.
func serverRemotes(config *cliconfig.Config) []string {
	var names []string
	for name, r := range config.Remotes {
		if !r.Public && r.Protocol == "incus" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// imageRemotes returns the image sources of the configuration. A certificate that cannot be read is left out: the
// image plugin says what is wrong when it needs that remote.
func imageRemotes(config *cliconfig.Config) map[string]sdk.ImageRemote {
	out := make(map[string]sdk.ImageRemote, len(config.Remotes))
	for name, r := range config.Remotes {
		if strings.HasPrefix(r.Addr, "unix:") {
			continue
		}
		cert, _ := os.ReadFile(config.ServerCertPath(name))
		out[name] = sdk.ImageRemote{Address: r.Addr, Protocol: r.Protocol, Certificate: string(cert)}
	}
	return out
}
