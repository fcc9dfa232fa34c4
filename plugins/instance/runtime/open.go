package runtime

import (
	"context"
	"fmt"
	"sync"

	incus "github.com/lxc/incus/v6/client"
	"github.com/pkg/sftp"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// Dial connects to the files of a custom volume.
type Dial func(ctx context.Context, pool, volume string) (*sftp.Client, error)

// DialServer returns a Dial for the volumes of the server's Incus project.
func DialServer(server incus.InstanceServer) Dial {
	return func(ctx context.Context, pool, volume string) (*sftp.Client, error) {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var files *sftp.Client
		err := sdkincus.Retry(ctx, func() (err error) { // the helper that served others may just be ending
			files, err = server.GetStoragePoolVolumeFileSFTP(pool, "custom", volume)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("opening the files of volume %q: %w", volume, sdkincus.MapError(err))
		}
		return files, nil
	}
}

// Volumes hands out connections to volumes. Everybody who reads the same volume at the same time shares one.
type Volumes struct {
	dial Dial
	mu   sync.Mutex
	open map[volumeKey]*connection
}

type volumeKey struct{ pool, volume string }

// NewVolumes returns Volumes that are reached with dial.
func NewVolumes(dial Dial) *Volumes {
	return &Volumes{dial: dial, open: map[volumeKey]*connection{}}
}

// Open returns the volume's files. It connects when they are first read; the connection is closed when the last user
// has closed it or that user's ctx has ended.
func (v *Volumes) Open(ctx context.Context, pool, volume string) *Volume {
	v.mu.Lock()
	defer v.mu.Unlock()
	key := volumeKey{pool, volume}
	c := v.open[key]
	if c == nil {
		c = &connection{dial: func(ctx context.Context) (*sftp.Client, error) { return v.dial(ctx, pool, volume) }}
		v.open[key] = c
	}
	c.users++
	release := sync.OnceFunc(func() { v.release(key, c) })
	stop := context.AfterFunc(ctx, release)
	return &Volume{name: volume, connection: c, close: func() { stop(); release() }}
}

func (v *Volumes) release(key volumeKey, c *connection) {
	v.mu.Lock()
	c.users--
	last := c.users == 0
	if last {
		delete(v.open, key)
	}
	v.mu.Unlock()
	if last {
		c.end()
	}
}
