package containers

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/buildtool"
)

// markArguments mark the tool's working containers as this build's: with one more secret, which no step uses, from a
// file that goes with the build.
func markArguments(job *buildtool.Job) ([]string, error) {
	file, err := job.Write("mark", nil)
	return []string{"--secret", "id=" + job.Marker + ",src=" + file}, err
}

// mark finds the file of markArguments in a working container's configuration.
var mark = regexp.MustCompile(`"id=icc-build-[0-9a-f]+,src=([^"]+)"`)

// Clean implements buildtool.Engine. The tool removes its working containers itself unless it was ended from outside.
func (e *Engine) Clean(ctx context.Context, job *buildtool.Job) {
	e.remove(ctx, job, func(config string) bool { return strings.Contains(config, job.Marker) })
}

// sweep removes the working containers of builds whose plugin was killed before it could do so: their files are gone.
func (e *Engine) sweep(ctx context.Context, job *buildtool.Job) { e.remove(ctx, job, abandoned) }

func abandoned(config string) bool {
	found := mark.FindStringSubmatch(config)
	if found == nil || found[1] == os.DevNull {
		return false
	}
	_, err := os.Lstat(found[1])
	return errors.Is(err, fs.ErrNotExist)
}

func (e *Engine) remove(ctx context.Context, job *buildtool.Job, these func(config string) bool) {
	left := e.left(these)
	if len(left) == 0 {
		return
	}
	// What cannot be removed now is named by `podman ps --external`; the build's own result counts.
	_ = job.RunQuietly(ctx, append(slices.Clone(e.Remove), left...)...)
}

// left returns the working containers with such a configuration.
func (e *Engine) left(these func(config string) bool) []string {
	if e.Working == "" {
		return nil
	}
	entries, err := os.ReadDir(e.Working)
	if err != nil {
		return nil
	}
	var ids []string
	for _, entry := range entries {
		config, err := os.ReadFile(filepath.Join(e.Working, entry.Name(), "userdata", "buildah.json"))
		if err == nil && these(string(config)) {
			ids = append(ids, entry.Name())
		}
	}
	return ids
}
