package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// ExtensionRebuild is the server's word for being able to make an instance's root file system anew from an image.
const ExtensionRebuild = "instances_rebuild"

// NoRebuild says why the instance cannot be rebuilt; empty when it can. It is asked when a rebuild is what is wanted.
func (m *Manager) NoRebuild() string {
	if !m.Rebuilds || !m.Server.HasExtension(ExtensionRebuild) {
		return "the server cannot rebuild instances"
	}
	snapshots, err := m.Server.GetInstanceSnapshotNames(m.Name)
	if err == nil && len(snapshots) > 0 {
		return "an instance with snapshots cannot be rebuilt, and they go with it"
	}
	return ""
}

// rebuild gives the stopped instance the root file system of another image. Its name, addresses, volumes and log stay.
// While that is under way it is marked, so that a rebuild that was interrupted or has failed is begun again.
func (e *ensuring) rebuild(ctx context.Context, have *api.Instance, etag string, open []string) (*Result, error) {
	e.Sink.Progress(resource.Progress{Percent: -1, Text: "rebuilding"})
	if err := e.imageThere(e.want.Fingerprint); err != nil {
		return nil, err
	}
	undoVolumes, err := e.anonymousVolumes(e.want.Volumes)
	if err != nil {
		return nil, err
	}
	if err := e.send(ctx, underived(e.want, have), etag); err != nil {
		undoVolumes()
		return nil, err
	}
	if err := e.reroot(ctx); err != nil {
		if ctx.Err() == nil {
			e.restore(ctx, have)
			undoVolumes()
		}
		return nil, err
	}
	have, etag, err = e.settled(ctx)
	if err != nil {
		return nil, err
	}
	return e.rewrite(ctx, have, etag, open)
}

// underived returns the configuration without what the server has taken from the old image, so that it takes it from the
// new one, and with the mark of a rebuild.
func underived(want *spec.Instance, have *api.Instance) api.InstancePut {
	put := have.InstancePut
	put.Config = maps.Clone(have.Config)
	owned, _ := spec.Owned(have.Config)
	maps.DeleteFunc(put.Config, func(key, _ string) bool {
		return strings.HasPrefix(key, "oci.") && !owned[key] && want.Config[key] == ""
	})
	put.Config[resource.KeyHash] = reconcile.HashRebuilding
	for _, key := range spec.PreviousKeys() {
		if want.Config[key] != "" {
			put.Config[key] = want.Config[key]
		}
	}
	return put
}

// reroot makes the root file system anew.
func (e *ensuring) reroot(ctx context.Context) error {
	err := e.retry(ctx, func() error {
		op, err := e.Server.RebuildInstance(e.Name, api.InstanceRebuildPost{
			Source: api.InstanceSource{Type: "image", Fingerprint: e.want.Fingerprint},
		})
		if err != nil {
			return err
		}
		return sdkincus.Wait(ctx, op)
	})
	switch {
	case err == nil:
		return nil
	case remedy(err) != "":
		return fmt.Errorf("rebuilding instance %q: %w", e.Name, resource.ErrOperation.WithHint(remedy(err)).Wrap(err))
	}
	return fmt.Errorf("rebuilding instance %q: %w", e.Name, sdkincus.MapError(err))
}

// restore writes back what underived has taken away, but for the mark: the old root file system may be gone.
func (m *Manager) restore(ctx context.Context, before *api.Instance) {
	get := func() (*api.Instance, string, error) { return m.Server.GetInstance(m.Name) }
	err := sdkincus.Update(ctx, get, func(inst *api.Instance, etag string) error {
		for key, value := range before.Config {
			if strings.HasPrefix(key, "oci.") {
				inst.Config[key] = value
			}
		}
		return m.send(ctx, inst.InstancePut, etag)
	})
	if err != nil {
		m.Sink.Notice(resource.LevelWarning, fmt.Sprintf("the image's settings of %s are lost: %v", m.Name, err))
	}
}

// imageThere refuses to begin with an image that has disappeared, while the instance is still whole.
func (m *Manager) imageThere(fingerprint string) error {
	_, _, err := m.Server.GetImage(fingerprint)
	if sdkincus.IsNotFound(err) {
		return resource.ErrNotFound.WithText(fmt.Sprintf("the image %s for %s has disappeared from the server", fingerprint[:min(len(fingerprint), 12)], m.Name)).
			WithHint("run the command again").Wrap(err)
	}
	return nil // else the next request tells what is wrong
}

// recreate makes the stopped instance anew. Its volumes stay, its addresses are the network's to keep, its free ports
// are kept in want.
func (m *Manager) recreate(ctx context.Context, want *spec.Instance, have *api.Instance) (*Result, error) {
	m.Sink.Progress(resource.Progress{Percent: -1, Text: "recreating"})
	want.KeepPrevious(have)
	if _, err := m.Delete(ctx, false); err != nil {
		return nil, err
	}
	return m.create(ctx, want, have)
}
