package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDownloadsOfThoseWhoWereKilledAreRemovedAndOthersStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const mine, theirs, killed = "sha256:aa00", "sha256:bb00", "sha256:cc00"
	for _, digest := range []string{mine, theirs, killed} {
		if err := os.MkdirAll(filepath.Join(dir, downloadPrefix+lockKey(digest), "blobs"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, digest := range []string{mine, theirs} {
		release, err := lockDigest(t.Context(), dir, digest)
		if err != nil {
			t.Fatal(err)
		}
		defer release()
	}
	place, err := downloadDir(dir, mine)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(place); err != nil || len(left) != 0 {
		t.Errorf("the place has %v, %v", left, err)
	}
	for digest, want := range map[string]bool{theirs: true, killed: false} {
		if _, err := os.Stat(filepath.Join(dir, downloadPrefix+lockKey(digest))); (err == nil) != want {
			t.Errorf("%s: %v, want that it is there: %t", digest, err, want)
		}
	}
}
