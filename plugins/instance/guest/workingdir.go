package guest

import (
	"context"
	"errors"
	"fmt"

	incus "github.com/lxc/incus/v6/client"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// checkWorkingDir refuses a directory that is not there: Incus would run the command in / without a word. Empty means
// the service's own directory, which needs no look.
func checkWorkingDir(ctx context.Context, server incus.InstanceServer, instance, dir string) error {
	if dir == "" {
		return nil
	}
	kind := ""
	err := sdkincus.Retry(ctx, func() error {
		content, info, err := server.GetInstanceFile(instance, dir)
		if err != nil {
			return err
		}
		if content != nil {
			_ = content.Close()
		}
		kind = info.Type
		return nil
	})
	err = sdkincus.MapError(err)
	wrong := ""
	switch {
	case errors.Is(err, resource.ErrNotFound):
		wrong = "does not exist"
	case err != nil:
		return fmt.Errorf("looking at the working directory %s of %q: %w", dir, instance, err)
	case kind == "file":
		wrong = "is not a directory"
	default:
		return nil
	}
	return resource.ErrNotFound.WithText(fmt.Sprintf("working directory %s %s in %s", dir, wrong, instance)).
		WithHint("correct --workdir, or leave it out to use the service's own")
}
