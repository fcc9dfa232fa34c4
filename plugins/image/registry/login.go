package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/icc-project/icc/plugins/image/reference"
)

// login is what the user has for a registry: the remote's own, or the first one in the files of podman and docker.
// helper is the error of a credential helper that could not be asked; without it, public images would still work.
func login(ref reference.Reference) (auth authn.Authenticator, helper, err error) {
	if user := ref.User(); user != nil {
		password, _ := user.Password()
		return authn.FromConfig(authn.AuthConfig{Username: user.Username(), Password: password}), nil, nil
	}
	for _, file := range loginFiles() {
		found, failed, err := readLogin(file, ref)
		if err != nil {
			return nil, nil, badLogin(ref, err)
		}
		if found != nil {
			return found, nil, nil
		}
		helper = errors.Join(helper, failed)
	}
	return authn.Anonymous, helper, nil
}

// loginFiles are where podman and docker keep logins: what a variable names first, then podman's, then docker's.
func loginFiles() []string {
	var files []string
	add := func(dir string, below ...string) {
		if dir != "" {
			files = append(files, filepath.Join(append([]string{dir}, below...)...))
		}
	}
	home, _ := os.UserHomeDir() // without one there are no files in it
	docker, configs, runtime := os.Getenv("DOCKER_CONFIG"), os.Getenv("XDG_CONFIG_HOME"), os.Getenv("XDG_RUNTIME_DIR")
	if configs == "" && home != "" {
		configs = filepath.Join(home, ".config")
	}
	add(os.Getenv("REGISTRY_AUTH_FILE"))
	add(docker, "config.json")
	add(runtime, "containers", "auth.json")
	if runtime == "" {
		add(fmt.Sprintf("/run/containers/%d/auth.json", os.Getuid()))
	}
	add(configs, "containers", "auth.json")
	if docker == "" {
		add(home, ".docker", "config.json")
	}
	return files
}

// readLogin returns the login that a file has for the image's repository or registry, or nil.
func readLogin(file string, ref reference.Reference) (auth authn.Authenticator, helper, err error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, nil, nil // nobody logged in here, or somebody else
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	logins, err := config.LoadFromReader(f)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", file, err)
	}
	parts, hosts := loginKeys(ref)
	for _, key := range parts {
		if found := authenticator(logins.AuthConfigs[key]); found != nil {
			return found, nil, nil
		}
	}
	for _, key := range hosts {
		found, err := logins.GetAuthConfig(key)
		if err != nil {
			helper = fmt.Errorf("asking the credential helper of %s: %w", file, err)
			continue
		}
		if found := authenticator(found); found != nil {
			return found, nil, nil
		}
	}
	return nil, helper, nil
}

// loginKeys are the names under which a file may have a login: podman's for a part of a registry or all of it, and those
// that docker's own rules and credential helpers know.
func loginKeys(ref reference.Reference) (parts, hosts []string) {
	host := ref.Host()
	hosts = []string{host}
	if host == name.DefaultRegistry {
		host = "docker.io"
		hosts = []string{authn.DefaultAuthKey, host}
	}
	for p := ref.Repository; p != "." && p != "/"; p = path.Dir(p) {
		parts = append(parts, host+"/"+p)
	}
	return append(parts, host), hosts
}

func authenticator(c types.AuthConfig) authn.Authenticator {
	if c.Username == "" && c.Auth == "" && c.IdentityToken == "" && c.RegistryToken == "" {
		return nil
	}
	return authn.FromConfig(authn.AuthConfig{
		Username: c.Username, Password: c.Password, Auth: c.Auth,
		IdentityToken: c.IdentityToken, RegistryToken: c.RegistryToken,
	})
}
