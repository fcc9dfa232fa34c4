package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/plugins/image/registry"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// holding returns the fingerprint of an image that the server has with the digest, under whatever name, or "". Built
// images belong to their projects and do not count.
func (j *job) holding(digest string) (string, error) {
	list, err := j.server.GetImages()
	if err != nil {
		return "", fmt.Errorf("listing images: %w", incus.MapError(err))
	}
	for _, img := range list {
		c := record.ConfigOf(img.Properties, digest)
		if c != nil && c.Architecture == j.platform.Incus && img.Properties[resource.KeyProject] == "" {
			return img.Fingerprint, nil
		}
	}
	return "", nil
}

// downloadOnce downloads an image unless another run of this user is just doing that: then it waits for what that brings.
// Pulls of the server need no such care, it makes one of them itself.
func (j *job) downloadOnce(ctx context.Context, source *registry.Client, img v1.Image, config record.Config) (string, error) {
	release, err := lockDigest(ctx, j.settings.CacheDir, config.Digest)
	if err != nil {
		return "", err
	}
	defer release()
	if fingerprint, err := j.holding(config.Digest); err != nil || fingerprint != "" {
		return fingerprint, err
	}
	fingerprint, err := j.download(ctx, source, img, config)
	if errors.Is(err, resource.ErrConflict) {
		// Somebody whom the lock does not hold back, on another machine, was faster.
		if theirs, lookErr := j.holding(config.Digest); lookErr == nil && theirs != "" {
			return theirs, nil
		}
	}
	return fingerprint, err
}

// lockPoll is how often a waiting run looks whether the other one is done.
const lockPoll = 100 * time.Millisecond

// lockKey is the part of a digest that names its lock and its place for downloads. Digests with the same one take turns.
func lockKey(digest string) string {
	_, digits, _ := strings.Cut(digest, ":")
	return digits[:min(2, len(digits))]
}

// openLock opens the file of a lock. It stays for ever: removing it would part those who wait from those who come.
func openLock(dir, key string) (*os.File, error) {
	dir = filepath.Join(dir, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a place for locks: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, key+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making a lock: %w", err)
	}
	return f, nil
}

func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// lockDigest waits until nobody else downloads the digest. Where files cannot be locked, nobody waits.
func lockDigest(ctx context.Context, dir, digest string) (release func(), err error) {
	f, err := openLock(dir, lockKey(digest))
	if err != nil {
		return nil, err
	}
	release = func() { _ = f.Close() }
	for {
		if err := tryLock(f); !errors.Is(err, syscall.EWOULDBLOCK) {
			return release, nil
		}
		select {
		case <-ctx.Done():
			release()
			return nil, context.Cause(ctx)
		case <-time.After(lockPoll):
		}
	}
}

const downloadPrefix = "image-"

// downloadDir makes an empty directory for the layers of a digest that we have locked, and removes what others left who
// were killed.
func downloadDir(dir, digest string) (string, error) {
	sweepDownloads(dir)
	place := filepath.Join(dir, downloadPrefix+lockKey(digest))
	err := os.RemoveAll(place)
	if err == nil {
		err = os.Mkdir(place, 0o700)
	}
	if err != nil {
		return "", fmt.Errorf("making room for the image's layers: %w", err)
	}
	return place, nil
}

// sweepDownloads removes directories of downloads that nobody has locked.
func sweepDownloads(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, downloadPrefix+"*"))
	if err != nil {
		return // a cache directory with odd characters
	}
	for _, place := range left {
		f, err := openLock(dir, strings.TrimPrefix(filepath.Base(place), downloadPrefix))
		if err != nil {
			continue
		}
		if tryLock(f) == nil {
			_ = os.RemoveAll(place)
		}
		_ = f.Close()
	}
}
