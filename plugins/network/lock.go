package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// lock keeps other runs of icc on this machine from changing the same network at the same time. The lock is an
// advisory one on a file in the plugin's cache directory, so that it ends with the process. Without a directory that can
// be written there is no lock: it makes clashes rare, it does not replace the answers to them.
func (s *server) lock(ctx context.Context, network string) (unlock func(), err error) {
	if s.settings.CacheDir == "" {
		return func() {}, nil
	}
	path := filepath.Join(s.settings.CacheDir, "network-"+network+".lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}, nil
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return func() { _ = f.Close() }, nil // closing unlocks
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			_ = f.Close()
			return nil, fmt.Errorf("locking network %q: %w", network, err)
		}
		if err := sdkincus.Pause(ctx, 20*time.Millisecond); err != nil {
			_ = f.Close()
			return nil, err
		}
	}
}
