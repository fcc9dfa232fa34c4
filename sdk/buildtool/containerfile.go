package buildtool

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// check finds what tools would complain about, each in words of its own.
func check(req kinds.BuildRequest) error {
	c := req.Build
	if req.OutputDir == "" && !req.CheckOnly {
		return resource.ErrNilPointer.WithText("the build has no output directory")
	}
	if len(c.Platforms) > 0 && req.Platform != "" && !naming.ListsPlatform(c.Platforms, req.Platform) {
		return resource.ErrConfig.
			WithText(fmt.Sprintf("build.platforms does not list %s, which the server needs", req.Platform)).
			WithHint("add it, or set `platform` of the service")
	}
	if c.Context == kinds.ContextStdin || Fetched(c) {
		return nil // it is checked when it is there
	}
	return checkContext(c, c.Context)
}

// checkContext looks for the Containerfile in a directory that messages call shown.
func checkContext(c kinds.BuildConfig, shown string) error {
	if info, err := os.Stat(c.Context); err != nil || !info.IsDir() {
		return missing("build context", shown, "check build.context; it is relative to the compose file", err)
	}
	if c.DockerfileInline != "" {
		return nil
	}
	file := Containerfile(c)
	if file == "" {
		return missing("Containerfile or Dockerfile", "in "+shown, "create one, or name it in build.dockerfile", fs.ErrNotExist)
	}
	if _, err := os.Stat(file); err != nil {
		return missing("Containerfile", strings.Replace(file, c.Context, shown, 1), "check build.dockerfile; it is relative to the build context", err)
	}
	return nil
}

// checkExtras looks for directories and keys that the build names besides its context.
func checkExtras(c kinds.BuildConfig) error {
	for _, name := range slices.Sorted(maps.Keys(c.AdditionalContexts)) {
		from := c.AdditionalContexts[name]
		if originOf(from) == ofFolder && filepath.IsAbs(from) && !exists(from) {
			return missing("directory", from, "check build.additional_contexts."+name+"; it is relative to the compose file", fs.ErrNotExist)
		}
	}
	for _, entry := range c.SSH {
		id, files, named := strings.Cut(entry, "=")
		if !named && os.Getenv("SSH_AUTH_SOCK") == "" {
			return resource.ErrNotFound.WithText(fmt.Sprintf("build.ssh takes %q from the SSH agent, and SSH_AUTH_SOCK is not set", id)).
				WithHint("start an agent (ssh-agent), or name a key: " + id + "=PATH")
		}
		for _, file := range strings.Split(files, ",") {
			if named && !exists(file) {
				return missing("key or agent's socket", file, "check build.ssh."+id, fs.ErrNotExist)
			}
		}
	}
	return nil
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

// Containerfile returns the path of the Containerfile that is not inline: the named one, else the Dockerfile, which is
// Compose's default, else the Containerfile. It is empty if there is none.
func Containerfile(c kinds.BuildConfig) string {
	switch {
	case filepath.IsAbs(c.Dockerfile):
		return c.Dockerfile
	case c.Dockerfile != "":
		return filepath.Join(c.Context, c.Dockerfile)
	}
	for _, name := range []string{"Dockerfile", "Containerfile"} {
		if file := filepath.Join(c.Context, name); exists(file) {
			return file
		}
	}
	return ""
}

// IgnoreFile returns the file that says what of the context is not sent: the one beside the Containerfile before the one
// in the context, and .containerignore before .dockerignore. It is empty if there is none.
func IgnoreFile(c kinds.BuildConfig) string {
	var candidates []string
	if file := Containerfile(c); file != "" && c.DockerfileInline == "" {
		candidates = append(candidates, file+".containerignore", file+".dockerignore")
	}
	candidates = append(candidates, filepath.Join(c.Context, ".containerignore"), filepath.Join(c.Context, ".dockerignore"))
	for _, file := range candidates {
		if exists(file) {
			return file
		}
	}
	return ""
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
