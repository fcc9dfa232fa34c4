package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
)

// arguments returns podman's command line for a build.
func arguments(req kinds.BuildRequest, info *podmanInfo, work *workspace, isolation string) ([]string, error) {
	c := req.Build
	args := []string{"build", "--format", "docker", "--iidfile", work.path(idFile), "--tag", req.Name}
	for _, tag := range c.Tags {
		args = append(args, "--tag", tag)
	}
	if isolation != "" {
		args = append(args, "--isolation", isolation)
	}
	if platform := choosePlatform(req, info); platform != "" {
		args = append(args, "--platform", platform)
	}
	args = append(args, pairs("--build-arg", "=", c.Args)...)
	args = append(args, pairs("--label", "=", c.Labels)...)
	args = append(args, pairs("--ulimit", "=", c.Ulimits)...)
	args = append(args, pairs("--build-context", "=", c.AdditionalContexts)...)
	args = append(args, values("--ssh", c.SSH)...)
	for _, host := range c.ExtraHosts {
		args = append(args, "--add-host", strings.Replace(host, "=", ":", 1))
	}
	args = append(args, caches("--cache-from", c.CacheFrom)...)
	args = append(args, caches("--cache-to", c.CacheTo)...)
	args = append(args, options(c)...)
	secrets, err := secretArguments(c.Secrets, work)
	if err != nil {
		return nil, err
	}
	args = append(args, secrets...)
	files, err := fileArguments(c, work)
	if err != nil {
		return nil, err
	}
	return append(append(args, files...), c.Context), nil
}

// options returns the arguments that stand for themselves.
func options(c kinds.BuildConfig) []string {
	var args []string
	if c.Target != "" {
		args = append(args, "--target", c.Target)
	}
	if c.NoCache {
		args = append(args, "--no-cache")
	}
	if c.Pull {
		args = append(args, "--pull=always")
	}
	if c.Network != "" && c.Network != "default" {
		args = append(args, "--network", c.Network)
	}
	if c.ShmSize > 0 {
		args = append(args, "--shm-size", strconv.FormatInt(c.ShmSize, 10)+"b")
	}
	return args
}

// secretArguments passes secrets as files, because the environment of a plugin is not the user's. One more secret that
// no step uses marks podman's working containers as this build's.
func secretArguments(secrets []kinds.BuildSecret, work *workspace) ([]string, error) {
	args := []string{"--secret", "id=" + work.marker + ",src=" + os.DevNull}
	for i, s := range secrets {
		source := s.File
		switch {
		case s.Content != nil || s.Environment != "":
			content := s.Content
			if content == nil {
				value, ok := os.LookupEnv(s.Environment)
				if !ok {
					return nil, noVariable(s)
				}
				content = []byte(value)
			}
			var err error
			if source, err = work.write(fmt.Sprintf("secret-%d", i), content); err != nil {
				return nil, err
			}
		default:
			if _, err := os.Stat(source); err != nil {
				return nil, missing("file of build secret "+strconv.Quote(s.ID)+",", source, "create it, or correct its path", err)
			}
		}
		args = append(args, "--secret", "id="+s.ID+",src="+source)
	}
	return args, nil
}

// fileArguments names the Containerfile, and the ignore file that Docker prefers when it lies beside it.
func fileArguments(c kinds.BuildConfig, work *workspace) ([]string, error) {
	if c.DockerfileInline != "" {
		file, err := work.write("Containerfile", []byte(c.DockerfileInline))
		return []string{"--file", file}, err
	}
	if c.Dockerfile == "" {
		// Podman alone would prefer a Containerfile beside it; Compose's default is the Dockerfile.
		if _, err := os.Stat(filepath.Join(c.Context, "Dockerfile")); err != nil || remoteContext(c.Context) {
			return nil, nil
		}
		c.Dockerfile = "Dockerfile"
	}
	file := dockerfile(c)
	args := []string{"--file", file}
	for _, suffix := range []string{".containerignore", ".dockerignore"} {
		if _, err := os.Stat(file + suffix); err == nil {
			return append(args, "--ignorefile", file+suffix), nil
		}
	}
	return args, nil
}

// choosePlatform returns the platform to name: none when it is podman's own, so that its cache is everybody's.
func choosePlatform(req kinds.BuildRequest, info *podmanInfo) string {
	if req.Platform == info.platform() {
		return ""
	}
	return req.Platform
}

func pairs(flag, separator string, m map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, flag, key+separator+m[key])
	}
	return out
}

func values(flag string, list []string) []string {
	var out []string
	for _, v := range list {
		out = append(out, flag, v)
	}
	return out
}

func caches(flag string, list []string) []string {
	var out []string
	for _, entry := range list {
		if repository, ok := cacheRepository(entry); ok {
			out = append(out, flag, repository)
		}
	}
	return out
}
