package host

import (
	"os"
	"slices"
	"strings"
)

// allowed are the variables that every plugin may see. A trailing asterisk stands for any rest.
func allowed() []string {
	return []string{
		"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "LC_*", "TZ", "TMPDIR", "XDG_*",
		"SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
		"DOCKER_CONFIG", "REGISTRY_AUTH_FILE", // where the credentials for registries are
		"ICC_LOG", "GOTRACEBACK", "GOCOVERDIR",
	}
}

// allowedBuilders are the variables that builders may see besides: what steers the tools they run.
func allowedBuilders() []string {
	return []string{
		"CONTAINERS_*", "_CONTAINERS_*", "CONTAINER_*", "BUILDAH_*", "PODMAN_*", "DOCKER_*", "BUILDKIT_*", "BUILDX_*",
		"STORAGE_*", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK",
		"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_*", "GIT_CONFIG_*", // for contexts that are repositories
	}
}

// environ returns the part of the host's environment that a plugin may see. Everything else stays: tokens and
// passwords of the user's shell are no business of a plugin.
func environ(builder bool, extra []string) []string {
	patterns := slices.Concat(allowed(), extra)
	if builder {
		patterns = append(patterns, allowedBuilders()...)
	}
	var out []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if slices.ContainsFunc(patterns, func(p string) bool { return matchesName(p, name) }) {
			out = append(out, entry)
		}
	}
	return out
}

func matchesName(pattern, name string) bool {
	if start, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, start)
	}
	return pattern == name
}
