package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/passwd"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// unfinished says whether something has to be done between creating the instance and its first start. That may be no
// more than to note that it is complete: below icc-init its directory says so.
func unfinished(want *spec.Instance) bool {
	return want.User != nil || len(want.Directories) > 0 || want.Runtime == nil
}

// finish makes the instance's directory for icc-init, looks up the user in the image otherwise, makes the directories
// for mounts, and marks the instance as complete. Most instances need the first of it only.
func (m *Manager) finish(ctx context.Context, want *spec.Instance) error {
	if want.Runtime != nil {
		if err := m.Courier.NewDirectory(ctx, want.Name); err != nil {
			return err
		}
		if err := m.Courier.Deliver(ctx); err != nil { // which has gone on meanwhile
			return err
		}
	}
	if !unfinished(want) {
		return nil
	}
	if err := m.furnish(ctx, want); err != nil {
		return err
	}
	patch := map[string]string{resource.KeyHash: want.Hash}
	if want.User != nil {
		patch["oci.uid"], patch["oci.gid"] = want.Config["oci.uid"], want.Config["oci.gid"]
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := sdkincus.PatchConfig(m.Server, patch, "instances", m.Name); err != nil {
		return fmt.Errorf("completing instance %q: %w", m.Name, err)
	}
	return nil
}

// furnish makes the directories for mounts in the stopped instance, and looks up its user.
func (m *Manager) furnish(ctx context.Context, want *spec.Instance) error {
	made := map[string]bool{}
	for _, dir := range want.Directories {
		if err := m.mkdirAll(ctx, dir, made); err != nil {
			return err
		}
	}
	if want.User == nil {
		return nil
	}
	id, err := m.LookUp(ctx, *want.User)
	if err != nil {
		return err
	}
	want.SetUser(id.UID, id.GID)
	return nil
}

// mkdirAll makes a directory and its parents in the root file system; those that exist are left as they are.
func (m *Manager) mkdirAll(ctx context.Context, dir string, made map[string]bool) error {
	dir = path.Clean(dir)
	if dir == "/" || made[dir] {
		return nil
	}
	if err := m.mkdirAll(ctx, path.Dir(dir), made); err != nil {
		return err
	}
	err := sdkincus.Retry(ctx, func() error {
		return m.Server.CreateInstanceFile(m.Name, dir, incus.InstanceFileArgs{Type: "directory", Mode: 0o755})
	})
	if err != nil {
		return fmt.Errorf("making the mount point %s in %q: %w", dir, m.Name, sdkincus.MapError(err))
	}
	made[dir] = true
	return nil
}

// LookUp finds a user in the instance's own user database; the instance may be stopped.
func (m *Manager) LookUp(ctx context.Context, user spec.UserName) (passwd.ID, error) {
	users, err := m.readFile(ctx, "/etc/passwd")
	if err != nil {
		return passwd.ID{}, err
	}
	var groups string
	if user.Group != "" {
		if groups, err = m.readFile(ctx, "/etc/group"); err != nil {
			return passwd.ID{}, err
		}
	}
	return passwd.Find(user.User, user.Group, users, groups)
}

// readFile reads a small file; one that does not exist is empty.
func (m *Manager) readFile(ctx context.Context, name string) (string, error) {
	var content io.ReadCloser
	var info *incus.InstanceFileResponse
	err := sdkincus.Retry(ctx, func() (err error) {
		content, info, err = m.Server.GetInstanceFile(m.Name, name)
		return err
	})
	err = sdkincus.MapError(err)
	if errors.Is(err, resource.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading %s of %q: %w", name, m.Name, err)
	}
	if info.Type == "directory" || content == nil {
		return "", nil
	}
	defer func() { _ = content.Close() }()
	const most = 4 << 20
	var text strings.Builder
	if _, err := io.Copy(&text, io.LimitReader(content, most)); err != nil {
		return "", fmt.Errorf("reading %s of %q: %w", name, m.Name, err)
	}
	return text.String(), nil
}
