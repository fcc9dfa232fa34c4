package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pkg/sftp"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// Made says whether this process has seen to the directory of that instance, which is one with icc-init then.
func (c *Courier) Made(instance string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made[instance]
}

func (c *Courier) setMade(instance string, made bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made {
		c.made[instance] = true
	} else {
		delete(c.made, instance)
	}
}

// NewDirectory makes the directory of an instance that has never run. What an earlier one of that name left behind goes.
func (c *Courier) NewDirectory(ctx context.Context, instance string) error {
	err := c.open().connection.do(ctx, func(client *sftp.Client) error {
		if client.Mkdir(instance) != nil { // there, most likely
			if err := removeAll(client, instance); err != nil {
				return err
			}
			if err := client.Mkdir(instance); err != nil {
				return err
			}
		}
		return client.Chmod(instance, directoryMode)
	})
	if err != nil {
		return fmt.Errorf("making the directory of %s in the volume %q: %w", instance, c.target.Volume, err)
	}
	c.setMade(instance, true)
	return nil
}

// Directory makes sure that an instance has its directory, and reports whether it was missing.
func (c *Courier) Directory(ctx context.Context, instance string) (missing bool, err error) {
	if c.Made(instance) {
		return false, nil
	}
	err = c.open().connection.do(ctx, func(client *sftp.Client) error {
		info, err := client.Lstat(instance)
		if err == nil && info.IsDir() {
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		missing = true
		if err := client.Mkdir(instance); err != nil {
			return err
		}
		return client.Chmod(instance, directoryMode)
	})
	if err != nil {
		return false, fmt.Errorf("making the directory of %s in the volume %q: %w", instance, c.target.Volume, err)
	}
	c.setMade(instance, true)
	return missing, nil
}

// directoryMode lets in nobody but root of the container, which the directory is the root's of.
const directoryMode = 0o700

// Remove removes the directory of an instance that is gone. Neither directory nor volume need exist.
func (c *Courier) Remove(ctx context.Context, instance string) error {
	c.setMade(instance, false)
	err := c.open().connection.do(ctx, func(client *sftp.Client) error { return removeAll(client, instance) })
	if err != nil && !errors.Is(err, resource.ErrNotFound) {
		return fmt.Errorf("removing the directory of %s from the volume %q: %w", instance, c.target.Volume, err)
	}
	return nil
}

// removeAll removes a file, or a directory with everything in it. It follows no links.
func removeAll(client *sftp.Client, name string) error {
	info, err := client.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return client.Remove(name)
	}
	entries, err := client.ReadDir(name)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		child := path.Join(name, entry.Name())
		if !entry.IsDir() { // as told by ReadDir, which saves a question for each file
			err = client.Remove(child)
		} else {
			err = removeAll(client, child)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return client.RemoveDirectory(name)
}

// State reads the instance's state; nil when it has written none yet. raw tells one state from another.
func (c *Courier) State(ctx context.Context, instance string) (state *initspec.State, raw string, err error) {
	const most = 1 << 20
	content, err := c.open().ReadFile(ctx, path.Join(instance, initspec.StateFile), most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	var s initspec.State
	if err := json.Unmarshal(content, &s); err != nil {
		return nil, "", fmt.Errorf("reading the state of %s: %w", instance, err)
	}
	return &s, string(content), nil
}
