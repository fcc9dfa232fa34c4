package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pkg/sftp"

	"github.com/icc-project/icc/sdk/resource"
)

// seed copies a local directory into the volume with owners and modes as they are, like a bind mount would show them.
// Sockets, pipes and devices are left out with a notice. Existing files are overwritten, so it may be run again.
func (e *ensurer) seed(ctx context.Context) error {
	info, err := os.Stat(e.Seed)
	if err != nil {
		return resource.ErrNotFound.WithText("the directory to fill the volume from cannot be read").Wrap(err).
			WithHint("create it, or remove seed from the volume")
	}
	if !info.IsDir() {
		return resource.ErrConfig.WithText(fmt.Sprintf("%s, which is to fill the volume, is not a directory", e.Seed)).
			WithHint("name the directory that has the file")
	}
	files, closeFiles, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer closeFiles()
	copied := 0
	err = filepath.WalkDir(e.Seed, func(local string, d fs.DirEntry, err error) error {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(e.Seed, local)
		if err != nil {
			return err
		}
		copied++
		if copied%100 == 0 {
			e.sink.Progress(resource.Progress{Percent: -1, Text: fmt.Sprintf("copied %d files", copied)})
		}
		return e.seedOne(files, local, filepath.ToSlash(rel))
	})
	if err != nil {
		return cause(ctx, fmt.Errorf("filling volume %q from %s: %w", e.incusName, e.Seed, err))
	}
	return nil
}

// seedOne copies one file, directory or symbolic link.
func (e *ensurer) seedOne(files *sftp.Client, local, remote string) error {
	info, err := os.Lstat(local)
	if err != nil {
		return err
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		err = files.Mkdir(remote)
		if there, statErr := files.Stat(remote); statErr == nil && there.IsDir() {
			err = nil
		}
	case mode&fs.ModeSymlink != 0:
		return seedLink(files, local, remote)
	case mode.IsRegular():
		err = seedFile(files, local, remote)
	default:
		e.sink.Notice(resource.LevelWarning, fmt.Sprintf("%s is neither file, directory nor link and is left out", local))
		return nil
	}
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		if err := files.Chown(remote, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	return files.Chmod(remote, info.Mode().Perm()|info.Mode()&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky))
}

func seedLink(files *sftp.Client, local, remote string) error {
	target, err := os.Readlink(local)
	if err != nil {
		return err
	}
	if err := files.Remove(remote); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return files.Symlink(target, remote)
}

func seedFile(files *sftp.Client, local, remote string) error {
	r, err := os.Open(local)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	w, err := files.OpenFile(remote, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		return errors.Join(err, w.Close())
	}
	return w.Close()
}
