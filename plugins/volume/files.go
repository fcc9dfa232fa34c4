package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"
	"github.com/pkg/sftp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Modes of what is not declared: nobody but root needs to pass the directories, for services mount single files.
const (
	privateDir  = 0o700
	privateFile = 0o600
)

// needExtension refuses a server without an API extension. A server that tells none is asked to do its best.
func needExtension(s sdk.Settings, extension string) error {
	if len(s.APIExtensions) == 0 || slices.Contains(s.APIExtensions, extension) {
		return nil
	}
	return resource.ErrUnsupported.
		WithText(fmt.Sprintf("Incus %s cannot write files into volumes: it lacks the API extension %s", s.ServerVersion, extension)).
		WithHint("upgrade to Incus 6.23 or later, or do without secrets, configs and seeds")
}

// open connects to the volume's files; the connection ends with ctx.
func (e *ensurer) open(ctx context.Context) (*sftp.Client, func(), error) {
	files, err := e.server.GetStoragePoolVolumeFileSFTP(e.pool, volumeType, e.incusName)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the files of volume %q: %w", e.incusName, incus.MapError(err))
	}
	stop := context.AfterFunc(ctx, func() { _ = files.Close() })
	return files, func() { stop(); _ = files.Close() }, nil
}

// writeFiles writes the files whose digest is not recorded and removes those no longer declared that no instance
// mounts. It returns the new record.
func (e *ensurer) writeFiles(ctx context.Context, recorded contents) (contents, error) {
	files, closeFiles, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	defer closeFiles()
	now := maps.Clone(recorded)
	declared := map[string]bool{}
	for _, f := range e.Files {
		declared[f.Path] = true
		if recorded[f.Path] == digest(f) {
			continue
		}
		if err := writeFile(files, f); err != nil {
			return nil, cause(ctx, fmt.Errorf("writing %q into volume %q: %w", f.Path, e.incusName, err))
		}
		now[f.Path] = digest(f)
	}
	obsolete := slices.DeleteFunc(slices.Sorted(maps.Keys(recorded)), func(p string) bool { return declared[p] })
	if len(obsolete) == 0 {
		return now, nil
	}
	mounted, err := e.mountedPaths()
	if err != nil {
		return nil, err
	}
	for _, p := range obsolete {
		if mounted(p) {
			continue
		}
		if err := files.Remove(p); err != nil && !os.IsNotExist(err) {
			return nil, cause(ctx, fmt.Errorf("removing %q from volume %q: %w", p, e.incusName, err))
		}
		_ = files.RemoveDirectory(path.Dir(p)) // succeeds for the last file of a directory
		delete(now, p)
	}
	return now, nil
}

// writeFile writes in place, because containers that mount the file keep its inode. Until owner and mode are set,
// only root can read it.
func writeFile(files *sftp.Client, f kinds.VolumeFile) error {
	p := path.Clean("/" + f.Path)[1:]
	if p == "" || p != f.Path {
		return resource.ErrConfig.WithText(fmt.Sprintf("%q is not a path inside a volume", f.Path))
	}
	if err := makeDirs(files, path.Dir(p)); err != nil {
		return err
	}
	w, err := files.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	err = files.Chmod(p, privateFile)
	if err == nil {
		_, err = w.Write(f.Content)
	}
	if closeErr := w.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := files.Chown(p, int(f.UID), int(f.GID)); err != nil {
		return err
	}
	return files.Chmod(p, os.FileMode(f.Mode)&os.ModePerm) // after chown, which may clear bits
}

// makeDirs makes the missing directories of a path, for root alone.
func makeDirs(files *sftp.Client, dir string) error {
	if dir == "." {
		return nil
	}
	if info, err := files.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := makeDirs(files, path.Dir(dir)); err != nil {
		return err
	}
	if err := files.Mkdir(dir); err != nil {
		return err
	}
	return files.Chmod(dir, privateDir)
}

// mountedPaths returns a function that says whether an instance mounts a path of the volume, or a part of the volume
// around it. One listing answers for all paths.
func (e *ensurer) mountedPaths() (func(string) bool, error) {
	instances, err := incus.Listed(e.server.GetInstances(api.InstanceTypeAny))
	if err != nil {
		return nil, fmt.Errorf("listing the instances that use volume %q: %w", e.incusName, err)
	}
	var mounted []string
	for _, i := range instances {
		for _, d := range i.ExpandedDevices {
			volume, sub, _ := strings.Cut(d["source"], "/")
			if d["type"] == "disk" && d["pool"] == e.pool && volume == e.incusName {
				mounted = append(mounted, sub)
			}
		}
	}
	return func(p string) bool {
		return slices.ContainsFunc(mounted, func(m string) bool {
			return m == "" || m == p || strings.HasPrefix(p, m+"/")
		})
	}, nil
}

// cause prefers the reason why a context ended to what its end broke.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
