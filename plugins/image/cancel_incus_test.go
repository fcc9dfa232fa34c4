//go:build incus

package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// stuckImage has a layer that stops in the middle when it is read for the second time, which is while it is uploaded.
func stuckImage(t *testing.T, stop <-chan struct{}) v1.Image {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	const size = 8 << 20
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "big", Mode: 0o644, Size: size}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer := &stuckLayer{content: buf.Bytes(), stop: stop}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	layer.reads.Store(0)
	return img
}

type stuckLayer struct {
	v1.Layer
	content []byte
	stop    <-chan struct{}
	reads   atomic.Int32
}

func (l *stuckLayer) Uncompressed() (io.ReadCloser, error) {
	if l.reads.Add(1) == 1 {
		return io.NopCloser(bytes.NewReader(l.content)), nil
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(l.content[:len(l.content)/2]), waiting(l.stop))), nil
}

func (l *stuckLayer) Digest() (v1.Hash, error) {
	return v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("1", 64)}, nil
}
func (l *stuckLayer) DiffID() (v1.Hash, error)            { return l.Digest() }
func (l *stuckLayer) Size() (int64, error)                { return int64(len(l.content)), nil }
func (l *stuckLayer) MediaType() (types.MediaType, error) { return types.OCIUncompressedLayer, nil }

// waiting is a reader that has nothing until the channel is closed.
type waiting <-chan struct{}

func (w waiting) Read([]byte) (int, error) {
	<-w
	return 0, io.ErrUnexpectedEOF
}

func TestACancelledUploadLeavesNothing(t *testing.T) {
	b := newBed(t, "shop")
	stop := make(chan struct{})
	defer close(stop)
	ctx, cancel := context.WithCancel(t.Context())
	img := stuckImage(t, stop)
	sink := &heard{}
	j := &job{settings: b.settings, server: b.server, sink: sink}
	j.alias = "stuck"
	go func() {
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && !sink.halfway(); {
			time.Sleep(20 * time.Millisecond)
		}
		cancel()
	}()
	_, err := j.upload(ctx, img, record.Config{Digest: "sha256:1", Architecture: "x86_64", Process: &kinds.ImageProcess{}}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if !sink.halfway() {
		t.Error("the upload was not under way, nothing was tested")
	}
	time.Sleep(500 * time.Millisecond) // the server notices
	if images := b.images(); len(images) != 0 {
		t.Errorf("left behind: %q", images)
	}
}

// halfway says whether an upload reported that much.
func (h *heard) halfway() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.progress, func(p resource.Progress) bool { return p.Percent >= 40 })
}
