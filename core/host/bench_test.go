package host

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// BenchmarkStart measures from a new host to the answers of its plugins, and the host's end: what a short-lived icc
// pays for its plugins when their descriptions are known.
func BenchmarkStart(b *testing.B) {
	for _, n := range []int{1, 6} {
		b.Run(fmt.Sprintf("plugins=%d", n), func(b *testing.B) {
			var names []string
			for i := range n {
				names = append(names, fmt.Sprintf("p%d", i))
			}
			bench := newBench(b, names...)
			if _, err := bench.Plugins(b.Context()); err != nil {
				b.Fatal(err)
			}
			if err := bench.Close(); err != nil {
				b.Fatal(err)
			}
			bench.settle(b)
			for b.Loop() {
				h := New(Options{Dirs: []string{bench.dir}, CacheDir: bench.cache, RuntimeDir: bench.runtime})
				var asking sync.WaitGroup
				for _, name := range names {
					asking.Go(func() {
						p, err := h.Provider(b.Context(), resource.Kind(name))
						if err == nil {
							_, err = p.Resolve(b.Context(), nil)
						}
						if err != nil {
							b.Error(err)
						}
					})
				}
				asking.Wait()
				if err := h.Close(); err != nil {
					b.Error(err)
				}
			}
		})
	}
}

// BenchmarkLookup measures what a run pays that starts no plugin: reading the memory and checking six files.
func BenchmarkLookup(b *testing.B) {
	bench := newBench(b, "p0", "p1", "p2", "p3", "p4", "p5")
	if _, err := bench.Plugins(b.Context()); err != nil {
		b.Fatal(err)
	}
	bench.settle(b)
	for b.Loop() {
		h := New(Options{Dirs: []string{bench.dir}, CacheDir: bench.cache, RuntimeDir: bench.runtime})
		if _, err := h.Kind(b.Context(), "p3"); err != nil {
			b.Fatal(err)
		}
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// settle waits until the plugin files are old enough for their hashes to be remembered, and has them remembered.
func (b *bench) settle(t testing.TB) {
	t.Helper()
	time.Sleep(settled + 100*time.Millisecond)
	h := b.another(t)
	plugins(t, h)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}
