package connect

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// poolAnswer is the storage pool to use, or why there is none.
type poolAnswer struct {
	name string
	err  error
}

// StoragePool is where volumes and root disks go. Its error says which pools exist when none suggests itself.
func (c *Connection) StoragePool() (string, error) { return c.pool.name, c.pool.err }

// findPool returns the wanted pool when it exists; without a wish the pool of the default profile's root disk, the only
// pool, or the one called "default".
func findPool(ctx context.Context, ask *asker, wanted, project string) poolAnswer {
	if wanted == "" {
		if name := rootDiskPool(ctx, ask, project); name != "" {
			return poolAnswer{name: name}
		}
	}
	pools, err := listPools(ctx, ask)
	switch {
	case err != nil:
		return poolAnswer{err: resource.ErrOperation.WithText("listing the storage pools").Wrap(err)}
	case wanted != "" && slices.Contains(pools, wanted):
		return poolAnswer{name: wanted}
	case wanted != "":
		return poolAnswer{err: missingPool(wanted, pools)}
	case len(pools) == 1:
		return poolAnswer{name: pools[0]}
	case slices.Contains(pools, "default"):
		return poolAnswer{name: "default"}
	case len(pools) == 0:
		return poolAnswer{err: resource.ErrNotFound.WithText("the server has no storage pool").
			WithHint("create one, for example with `incus storage create default dir`, or run `incus admin init`")}
	}
	return poolAnswer{err: resource.ErrNotFound.WithText("the server's default profile names no storage pool").
		WithHint("choose one with --storage-pool: " + strings.Join(pools, ", "))}
}

func missingPool(wanted string, pools []string) error {
	e := resource.ErrNotFound.WithText(fmt.Sprintf("there is no storage pool %q on the server", wanted))
	if len(pools) == 0 {
		return e.WithHint(fmt.Sprintf("create it with `incus storage create %s dir`", wanted))
	}
	return e.WithHint(fmt.Sprintf("existing pools: %s%s", strings.Join(pools, ", "), didYouMean(wanted, pools)))
}

// rootDiskPool returns the pool of the default profile's root disk, or nothing when that cannot be known: a profile
// without root disk, a user who may not see it.
func rootDiskPool(ctx context.Context, ask *asker, project string) string {
	q := "/1.0/profiles/default"
	if project != "" {
		q += "?project=" + url.QueryEscape(project)
	}
	var profile api.Profile
	err := ask.get(ctx, q, &profile)
	if err != nil {
		return ""
	}
	for _, d := range profile.Devices {
		if d["type"] == "disk" && d["path"] == "/" {
			return d["pool"]
		}
	}
	return ""
}

func listPools(ctx context.Context, ask *asker) ([]string, error) {
	var urls []string
	if err := ask.get(ctx, "/1.0/storage-pools", &urls); err != nil {
		return nil, err
	}
	names := make([]string, len(urls))
	for i, u := range urls {
		names[i] = path.Base(u)
	}
	slices.Sort(names)
	return names, nil
}
