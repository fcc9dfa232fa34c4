package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// check finds what podman would complain about in words of its own.
func check(req kinds.BuildRequest) error {
	c := req.Build
	if req.OutputDir == "" {
		return resource.ErrNilPointer.WithText("the build has no output directory")
	}
	if len(c.Platforms) > 0 && req.Platform != "" && !slices.Contains(c.Platforms, req.Platform) {
		return resource.ErrConfig.
			WithText(fmt.Sprintf("build.platforms does not list %s, which the server needs", req.Platform)).
			WithHint("add it, or set `platform` of the service")
	}
	if remoteContext(c.Context) {
		return nil
	}
	if info, err := os.Stat(c.Context); err != nil || !info.IsDir() {
		return missing("build context", c.Context, "check build.context; it is relative to the compose file", err)
	}
	if c.DockerfileInline != "" {
		return nil
	}
	if c.Dockerfile != "" {
		file := dockerfile(c)
		if _, err := os.Stat(file); err != nil {
			return missing("Containerfile", file, "check build.dockerfile; it is relative to the build context", err)
		}
		return nil
	}
	for _, name := range []string{"Containerfile", "Dockerfile"} {
		if _, err := os.Stat(filepath.Join(c.Context, name)); err == nil {
			return nil
		}
	}
	return missing("Containerfile or Dockerfile", "in "+c.Context, "create one, or name it in build.dockerfile", fs.ErrNotExist)
}

func missing(what, where, hint string, err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return resource.ErrBuild.WithText(fmt.Sprintf("reading the %s %s", what, where)).WithHint(hint).Wrap(err)
	}
	text := fmt.Sprintf("there is no %s %s", what, where)
	if err == nil {
		text = fmt.Sprintf("the %s %s is not a directory", what, where)
	}
	return resource.ErrNotFound.WithText(text).WithHint(hint)
}

// remoteContext says whether podman fetches the context itself.
func remoteContext(context string) bool {
	for _, prefix := range []string{"https://", "http://", "git://", "git@", "ssh://", "github.com/"} {
		if strings.HasPrefix(context, prefix) {
			return true
		}
	}
	return false
}

// dockerfile returns the path of a named Containerfile.
func dockerfile(c kinds.BuildConfig) string {
	if filepath.IsAbs(c.Dockerfile) || remoteContext(c.Context) {
		return c.Dockerfile
	}
	return filepath.Join(c.Context, c.Dockerfile)
}
