package runtime

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/pkg/sftp"
)

// File is a regular file that is read bit by bit. It stays readable after it was removed, as long as the connection
// lives; after that it is opened again by its name.
type File struct {
	volume *Volume
	name   string

	mu     sync.Mutex
	client *sftp.Client
	file   *sftp.File
}

// OpenFile opens a file; one that does not exist is fs.ErrNotExist.
func (v *Volume) OpenFile(ctx context.Context, name string) (*File, error) {
	f := &File{volume: v, name: name}
	err := v.connection.do(ctx, func(c *sftp.Client) error {
		_, err := f.handle(c)
		return err
	})
	if err != nil {
		return nil, v.reading(name, err)
	}
	return f, nil
}

// handle returns the open file of this connection.
func (f *File) handle(c *sftp.Client) (*sftp.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.client == c {
		return f.file, nil
	}
	file, _, err := open(c, f.name)
	if err != nil {
		return nil, err
	}
	f.client, f.file = c, file
	return file, nil
}

// ReadAt reads at most max bytes from an offset; it returns none at the end of the file.
func (f *File) ReadAt(ctx context.Context, max int, offset int64) ([]byte, error) {
	var data []byte
	err := f.volume.connection.do(ctx, func(c *sftp.Client) error {
		file, err := f.handle(c)
		if err != nil {
			return err
		}
		buffer := make([]byte, max)
		n, err := file.ReadAt(buffer, offset)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		data = buffer[:n]
		return err
	})
	if err != nil {
		return nil, f.volume.reading(f.name, err)
	}
	return data, nil
}

// Size returns how long the file is now.
func (f *File) Size(ctx context.Context) (int64, error) {
	var size int64
	err := f.volume.connection.do(ctx, func(c *sftp.Client) error {
		file, err := f.handle(c)
		if err != nil {
			return err
		}
		info, err := file.Stat()
		if err == nil {
			size = info.Size()
		}
		return err
	})
	if err != nil {
		return 0, f.volume.reading(f.name, err)
	}
	return size, nil
}

// Close closes the file without waiting for the server.
func (f *File) Close() {
	f.mu.Lock()
	file := f.file
	f.mu.Unlock()
	if file != nil {
		go func() { _ = file.Close() }()
	}
}
