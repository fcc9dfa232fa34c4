package compose

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// build translates a build section. The edges are the images that it takes as additional contexts.
func (t *translator) build(s serviceConfig) (*kinds.BuildConfig, []resource.Edge) {
	b := s.Build
	config := &kinds.BuildConfig{
		Context: t.buildContext(s), Dockerfile: b.Dockerfile, DockerfileInline: b.DockerfileInline,
		Args: setValues(b.Args), Target: b.Target, Labels: b.Labels, Tags: b.Tags,
		CacheFrom: b.CacheFrom, CacheTo: b.CacheTo, NoCache: b.NoCache, NoCacheFilter: b.NoCacheFilter,
		Pull: b.Pull, Platforms: b.Platforms, Network: b.Network, ExtraHosts: hostList(b.ExtraHosts),
		SSH: sshKeys(b.SSH), ShmSize: int64(b.ShmSize), Ulimits: ulimits(b.Ulimits), Privileged: b.Privileged,
		Entitlements: b.Entitlements, Provenance: b.Provenance, SBOM: b.SBOM,
	}
	path := servicePath(s.Name) + ".build"
	// The loader fills in "Dockerfile" where nothing is said. Builders find either name, so an unsaid one stays unsaid.
	if config.DockerfileInline != "" || config.Dockerfile == "Dockerfile" && !t.p.index.has(path+".dockerfile") {
		config.Dockerfile = ""
	}
	config.Secrets = t.buildSecrets(b.Secrets, path+".secrets")
	var edges []resource.Edge
	for _, name := range sortedKeys(b.AdditionalContexts) {
		from := b.AdditionalContexts[name]
		if service, ok := strings.CutPrefix(from, types.ServicePrefix); ok {
			other := t.p.AllServices()[service]
			from = "docker-image://" + t.imageReference(other)
			edges = append(edges, ensured(resource.KindImage, t.images.useContext(t, other, path+".additional_contexts."+name)))
		}
		if config.AdditionalContexts == nil {
			config.AdditionalContexts = map[string]string{}
		}
		config.AdditionalContexts[name] = from
	}
	return config, edges
}

// buildContext returns the context of a build. The loader takes "-" for a directory.
func (t *translator) buildContext(s serviceConfig) string {
	context := s.Build.Context
	if filepath.Base(context) != kinds.ContextStdin || strings.Contains(context, "://") {
		return context
	}
	if _, err := os.Stat(context); err == nil {
		return context
	}
	if slices.Contains(t.p.Files, stdinName) {
		t.fail(servicePath(s.Name)+".build.context", "the compose file and the build context cannot both come from the standard input",
			"name the compose file with -f FILE")
	}
	return kinds.ContextStdin
}

// buildSecrets translates the secrets that a build may read.
func (t *translator) buildSecrets(secrets []types.ServiceSecretConfig, path string) []kinds.BuildSecret {
	var out []kinds.BuildSecret
	for i, s := range secrets {
		at := t.item(path, i, len(secrets))
		secret, ok := t.p.Secrets[s.Source]
		switch {
		case !ok:
			continue // reported by check
		case bool(secret.External):
			t.fail("secrets."+s.Source+".external", fmt.Sprintf("secret %q is external: Incus keeps no secrets", s.Source),
				"declare it with file or environment")
			continue
		case secret.File != "" && !t.fileThere(secret.File):
			t.fail("secrets."+s.Source+".file", fmt.Sprintf("the file of secret %q, %s, does not exist", s.Source, secret.File),
				"create the file, or correct its path")
			continue
		}
		if s.UID != "" || s.GID != "" || s.Mode != nil {
			t.info(at, "uid, gid and mode of a build secret are set in the Containerfile's RUN --mount", "")
		}
		built := kinds.BuildSecret{ID: cmp.Or(s.Target, s.Source), File: secret.File, Environment: secret.Environment}
		if secret.Environment != "" {
			// Builders see few of the user's variables, and .env is not among what they see.
			value, ok := t.p.Environment[secret.Environment]
			if !ok {
				t.fail("secrets."+s.Source+".environment",
					fmt.Sprintf("secret %q takes its value from %s, which is not set", s.Source, secret.Environment),
					fmt.Sprintf("set %s in the environment or in .env", secret.Environment))
				continue
			}
			built.Content = []byte(value)
		}
		out = append(out, built)
	}
	return out
}

// setValues drops the keys without a value.
func setValues(m types.MappingWithEquals) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m.ToMapping()
}

// hostList writes extra_hosts as "name=address", sorted.
func hostList(h types.HostsList) []string {
	list := h.AsList("=")
	slices.Sort(list)
	if len(list) == 0 {
		return nil
	}
	return list
}

// sshKeys writes SSH agents and keys as "id" or "id=path", sorted.
func sshKeys(keys types.SSHConfig) []string {
	var out []string
	for _, k := range keys {
		text := k.ID
		if k.Path != "" {
			text += "=" + k.Path
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// ulimits writes limits as "soft:hard", or the one number that is both.
func ulimits(limits map[string]*types.UlimitsConfig) map[string]string {
	if len(limits) == 0 {
		return nil
	}
	out := make(map[string]string, len(limits))
	for name, l := range limits {
		switch {
		case l == nil:
		case l.Soft != 0 || l.Hard != 0:
			out[name] = fmt.Sprintf("%d:%d", l.Soft, l.Hard)
		default:
			out[name] = strconv.Itoa(l.Single)
		}
	}
	return out
}
