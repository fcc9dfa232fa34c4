package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

const idFile = "image-id"

// workspace is where a build keeps what nobody needs afterwards, podman's own temporary files included.
type workspace struct {
	dir string
	// marker is in the configuration of each working container that podman makes for this build.
	marker string
}

func newWorkspace(outputDir string) (*workspace, error) {
	dir, err := os.MkdirTemp(outputDir, "work-")
	if err != nil {
		return nil, resource.ErrBuild.WithText("making a directory for the build").Wrap(err)
	}
	id := make([]byte, 12)
	_, _ = rand.Read(id) // it never fails
	return &workspace{dir: dir, marker: "icc-build-" + hex.EncodeToString(id)}, nil
}

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

// write keeps content in a file that only the user can read.
func (w *workspace) write(name string, content []byte) (string, error) {
	path := w.path(name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return "", resource.ErrBuild.WithText("writing a file for the build").Wrap(err)
	}
	return path, nil
}

// imageID returns the id that podman wrote, as a digest.
func (w *workspace) imageID() (string, error) {
	content, err := os.ReadFile(w.path(idFile))
	if err != nil {
		return "", resource.ErrBuild.WithText("podman said no image id").Wrap(err)
	}
	id := strings.TrimSpace(string(content))
	if !strings.HasPrefix(id, "sha256:") {
		id = "sha256:" + id
	}
	return id, nil
}

// podman runs podman with its temporary files in the workspace.
func (w *workspace) podman(ctx context.Context, log *buildLog, args ...string) error {
	defer log.flush()
	return runGroup(ctx, command{
		path: toolName, args: args, env: []string{"TMPDIR=" + w.dir},
		stdout: log.writer(resource.Stdout), stderr: log.writer(resource.Stderr),
	})
}

// removeTime bounds tidying up after a build.
const removeTime = 20 * time.Second

// remove removes the files and the containers that the build left, also when its context has ended.
func (w *workspace) remove(ctx context.Context, info *podmanInfo) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTime)
	defer cancel()
	if left := w.containers(info); len(left) > 0 {
		log := newLog(resource.Discard{})
		// What cannot be removed now is named by `podman ps --external`; the build's own result counts.
		_ = w.podman(ctx, log, append([]string{"rm", "--force"}, left...)...)
	}
	_ = os.RemoveAll(w.dir)
}

// containers returns the working containers of this build that still exist. Podman removes them itself unless it was
// ended from outside.
func (w *workspace) containers(info *podmanInfo) []string {
	if info.Host.ServiceIsRemote {
		return nil
	}
	root := filepath.Join(info.Store.GraphRoot, info.Store.GraphDriverName+"-containers")
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	var ids []string
	for _, entry := range entries {
		config, err := os.ReadFile(filepath.Join(root, entry.Name(), "userdata", "buildah.json"))
		if err == nil && strings.Contains(string(config), w.marker) {
			ids = append(ids, entry.Name())
		}
	}
	return ids
}

// save writes the image as a Docker archive.
func save(ctx context.Context, id, file string, work *workspace) error {
	log := newLog(resource.Discard{})
	err := work.podman(ctx, log, "save", "--quiet", "--format", "docker-archive", "--output", file, strings.TrimPrefix(id, "sha256:"))
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return resource.ErrBuild.WithText(fmt.Sprintf("saving the image: %s", lastLine(log.tail(), err))).
		WithHint("check the free space in " + filepath.Dir(file))
}

func noVariable(s kinds.BuildSecret) error {
	return resource.ErrNotFound.
		WithText(fmt.Sprintf("build secret %q comes from the variable %s, which is not set", s.ID, s.Environment)).
		WithHint("export it, or keep the secret in a file")
}
