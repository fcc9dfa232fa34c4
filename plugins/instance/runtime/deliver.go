package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"
	"github.com/pkg/sftp"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// Configuration keys of the runtime volume.
const (
	// KeyProgram has the SHA-256 of the icc-init in the volume, if there is one: a volume gets it with its making, and
	// after a file that takes another one's place. Incus 7.0 writes a volume's whole configuration back when an instance
	// with it is made, so what is written meanwhile may be lost; then the next run brings icc-init once more.
	KeyProgram = "user.icc.init"
)

// DeclaredName is what the volume is called where volumes have names of compose files. No compose file can use it.
const DeclaredName = "icc:runtime"

// programFile is icc-init's place in the volume.
const programFile = "init/icc-init"

// found is the volume as it was when this process looked.
type found struct {
	// program is KeyProgram.
	program string
}

// ensureVolume finds the volume or makes it.
func (c *Courier) ensureVolume(ctx context.Context) (*found, error) {
	t := c.target
	program, err := c.program.begin(ctx, c.readProgram).wait(ctx)
	if err != nil {
		return nil, err
	}
	for {
		v, _, err := c.server.GetStoragePoolVolume(t.Pool, "custom", t.Volume)
		switch {
		case err == nil && !sdkincus.Belongs(v.Config, t.Project):
			return nil, resource.ErrConflict.WithText(fmt.Sprintf("the volume %q, which icc-init would use, was not made for this project", t.Volume)).
				WithHint("rename or remove that volume, or run the services without icc-init: `x-icc: {init: off}`")
		case err == nil:
			return &found{program: v.Config[KeyProgram]}, nil
		case !sdkincus.IsNotFound(err):
			return nil, fmt.Errorf("reading the runtime volume %q: %w", t.Volume, sdkincus.MapError(err))
		}
		err = c.server.CreateStoragePoolVolume(t.Pool, api.StorageVolumesPost{
			Name: t.Volume, Type: "custom", ContentType: "filesystem",
			StorageVolumePut: api.StorageVolumePut{Config: sdkincus.Merge(sdkincus.Marks(t.Project, DeclaredName, nil), map[string]string{
				kinds.KeyVolumeEphemeral: "true",
				resource.KeyObject:       t.Volume,
				KeyProgram:               program.Sum,
				"security.shifted":       "true", // for instances with different user ID maps
			})},
		})
		if sdkincus.IsExists(err) {
			continue // another run was faster
		}
		if err != nil {
			return nil, fmt.Errorf("creating the runtime volume %q: %w", t.Volume, sdkincus.MapError(err))
		}
		return &found{program: program.Sum}, nil
	}
}

// deliver uploads icc-init unless the same one is there already. Running containers keep the file they were started
// with, because it is replaced and not written to.
func (c *Courier) deliver(ctx context.Context) (none struct{}, err error) {
	program, err := c.program.begin(ctx, c.readProgram).wait(ctx)
	if err != nil {
		return none, err
	}
	volume, err := c.volume.begin(ctx, c.ensureVolume).wait(ctx)
	if err != nil {
		return none, err
	}
	marked := volume.program == program.Sum
	if marked {
		there, err := c.open().holds(ctx, programFile, int64(len(program.Content)))
		if err != nil || there {
			return none, err
		}
	}
	if err := c.open().replace(ctx, programFile, program); err != nil {
		return none, fmt.Errorf("bringing icc-init into the volume %q: %w", c.target.Volume, err)
	}
	if marked {
		return none, nil
	}
	err = sdkincus.PatchConfig(c.server, map[string]string{KeyProgram: program.Sum}, "storage-pools", c.target.Pool, "volumes", "custom", c.target.Volume)
	if err != nil {
		return none, fmt.Errorf("recording icc-init in the volume %q: %w", c.target.Volume, err)
	}
	return none, nil
}

// holds says whether there is an executable file of that size.
func (v *Volume) holds(ctx context.Context, name string, size int64) (bool, error) {
	there := false
	err := v.connection.do(ctx, func(c *sftp.Client) error {
		info, err := c.Lstat(name)
		if os.IsNotExist(err) {
			return nil
		}
		there = err == nil && info.Mode().IsRegular() && info.Size() == size && info.Mode().Perm() == programMode
		return err
	})
	return there, v.reading(name, err)
}

const (
	programMode = 0o755
	chunk       = 1 << 20
)

// replace writes the program under a temporary name, reads it back, and puts it in its place.
func (v *Volume) replace(ctx context.Context, name string, p *Program) error {
	v.sweep(ctx, path.Dir(name))
	temporary := path.Join(path.Dir(name), temporaryPrefix+naming.RandString(8))
	err := v.write(ctx, temporary, p.Content)
	if err == nil {
		err = v.verify(ctx, temporary, p)
	}
	if err == nil {
		err = v.connection.do(ctx, func(c *sftp.Client) error {
			if err := c.Chmod(temporary, programMode); err != nil {
				return err
			}
			return c.PosixRename(temporary, name)
		})
	}
	if err != nil {
		_ = v.connection.do(ctx, func(c *sftp.Client) error { return c.Remove(temporary) })
	}
	return err
}

// temporaryPrefix begins the names of files that are being written.
const temporaryPrefix = ".icc-init-"

// sweep removes what interrupted uploads have left. It is a courtesy: an upload does not fail for it.
func (v *Volume) sweep(ctx context.Context, dir string) {
	const old = time.Hour
	entries, _ := v.List(ctx, dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), temporaryPrefix) && time.Since(e.ModTime()) > old {
			_ = v.connection.do(ctx, func(c *sftp.Client) error { return c.Remove(path.Join(dir, e.Name())) })
		}
	}
}

// write makes a file piece by piece, so that a slow link is not taken for a dead one.
func (v *Volume) write(ctx context.Context, name string, content []byte) error {
	err := v.connection.do(ctx, func(c *sftp.Client) error {
		dir := path.Dir(name)
		if err := c.Mkdir(dir); err != nil {
			if info, statErr := c.Lstat(dir); statErr != nil || !info.IsDir() {
				return err
			}
		}
		if err := c.Chmod(dir, 0o700); err != nil {
			return err
		}
		f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
		if err == nil {
			err = f.Close()
		}
		return err
	})
	for at := 0; at < len(content) && err == nil; at += chunk {
		err = v.connection.do(ctx, func(c *sftp.Client) error {
			f, err := c.OpenFile(name, os.O_WRONLY)
			if err != nil {
				return err
			}
			_, err = f.WriteAt(content[at:min(at+chunk, len(content))], int64(at))
			if closeErr := f.Close(); err == nil {
				err = closeErr
			}
			return err
		})
	}
	return err
}

// verify reads the file back. A full disk or a broken one must not end in a container that cannot start.
func (v *Volume) verify(ctx context.Context, name string, p *Program) error {
	f, err := v.OpenFile(ctx, name)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	for offset := int64(0); ; {
		data, err := f.ReadAt(ctx, chunk, offset)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			break
		}
		offset += int64(len(data))
		_, _ = hash.Write(data)
	}
	if hex.EncodeToString(hash.Sum(nil)) != p.Sum {
		return resource.ErrOperation.WithText("what was written is not what is read back").WithHint("is the storage pool full or broken?")
	}
	return nil
}
