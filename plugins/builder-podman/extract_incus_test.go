//go:build incus

package main

import (
	"archive/tar"
	"errors"
	"io"
	"testing"
)

// contentOf returns a file of a tar, or nothing.
func contentOf(t *testing.T, archive io.ReadCloser, name string) string {
	t.Helper()
	defer func() { _ = archive.Close() }()
	for r := tar.NewReader(archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == name {
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return string(content)
		}
	}
}
