package lifecycle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// hostPaths checks the sources of bind mounts, making those that may be made.
func (m *Manager) hostPaths(mounts []kinds.Mount) error {
	for _, mount := range mounts {
		if mount.Type != kinds.MountBind {
			continue
		}
		if m.Remote {
			return resource.ErrUnsupported.WithText(fmt.Sprintf(
				"mounting %s at %s: the server is another machine and does not see this one's files", mount.Source, mount.Target)).
				WithHint("use a volume, or let icc fill one from the directory with `x-icc: {seed: true}` on the mount")
		}
		if err := hostPath(mount); err != nil {
			return err
		}
	}
	return nil
}

func hostPath(mount kinds.Mount) error {
	_, err := os.Stat(mount.Source)
	if errors.Is(err, fs.ErrNotExist) && mount.CreateHostPath {
		if err = os.MkdirAll(mount.Source, 0o755); err != nil {
			return fmt.Errorf("making the source of the mount at %s: %w", mount.Target, err)
		}
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return resource.ErrConfig.WithText(fmt.Sprintf("the source %s of the mount at %s does not exist", mount.Source, mount.Target)).
			WithHint("create it, or correct the path in the compose file").Wrap(err)
	}
	// What this user may not look at, the server perhaps may.
	return nil
}
