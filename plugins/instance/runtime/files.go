package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/pkg/sftp"

	"github.com/icc-project/icc/sdk/resource"
)

// Volume reads the files of one volume. What is in there was written by root of a container and is trusted in nothing:
// only regular files are opened, through real directories, and no more is read than the caller asks for.
type Volume struct {
	name       string
	connection *connection
	close      func()
}

// Close gives the connection back.
func (v *Volume) Close() { v.close() }

// ReadFile reads a small file. One of more than most bytes is an error, one that does not exist is fs.ErrNotExist.
func (v *Volume) ReadFile(ctx context.Context, name string, most int64) ([]byte, error) {
	var content []byte
	err := v.connection.do(ctx, func(c *sftp.Client) error {
		f, size, err := open(c, name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if size > most {
			return v.odd(name, fmt.Sprintf("has %d bytes; at most %d make sense", size, most))
		}
		content = make([]byte, size)
		n, err := f.ReadAt(content, 0)
		content = content[:n]
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return err
	})
	if err != nil {
		return nil, v.reading(name, err) // content may still be written to
	}
	return content, nil
}

// List returns what is in a directory.
func (v *Volume) List(ctx context.Context, dir string) ([]fs.FileInfo, error) {
	var found []fs.FileInfo
	err := v.connection.do(ctx, func(c *sftp.Client) error {
		info, err := c.Lstat(dir)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return v.odd(dir, "is not a directory")
		}
		found, err = c.ReadDirContext(ctx, dir)
		return err
	})
	if err != nil {
		return nil, v.reading(dir, err)
	}
	return found, nil
}

// odd is the error about a file that icc-init would not have made like this.
func (v *Volume) odd(name, what string) error {
	return resource.ErrInvalidFormat.WithText(fmt.Sprintf("%s in volume %s %s", name, v.name, what)).
		WithHint("somebody with root in the container has changed it")
}

func (v *Volume) reading(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("reading %s in volume %s: %w", path.Clean(name), v.name, err)
}

// open opens a regular file. What it was is asked again after opening, because it may have been swapped.
func open(c *sftp.Client, name string) (*sftp.File, int64, error) {
	info, err := c.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it is not a regular file but %s: %w", info.Mode().Type(), resource.ErrInvalidFormat)
	}
	if err != nil {
		return nil, 0, err
	}
	f, err := c.Open(name)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it is not a regular file but %s: %w", info.Mode().Type(), resource.ErrInvalidFormat)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Size returns the size of a file, and false when there is none of that name.
func (v *Volume) Size(ctx context.Context, name string) (size int64, exists bool, err error) {
	err = v.connection.do(ctx, func(c *sftp.Client) error {
		info, err := c.Lstat(name)
		if err == nil {
			size = info.Size()
		}
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, false, nil
	case err != nil:
		return 0, false, v.reading(name, err)
	}
	return size, true, nil
}
