package compose

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

// large returns a compose file with n services, each depending on the ten before it, on networks and volumes.
func large(n, padding int) string {
	var b strings.Builder
	b.WriteString("name: large\nservices:\n")
	for i := range n {
		fmt.Fprintf(&b, "  s%d:\n    image: app:%d\n    environment:\n      A: ${A:-1}\n      PAD: %q\n", i, i%7, strings.Repeat("x", padding))
		fmt.Fprintf(&b, "    ports: [\"%d:80\"]\n    networks: [n%d, common]\n    volumes: [\"v%d:/data\"]\n    labels: {a: b}\n", 10000+i, i%5, i%50)
		fmt.Fprintf(&b, "    deploy: {resources: {limits: {memory: 64m, cpus: \"0.5\"}}}\n    healthcheck: {test: \"true\", interval: 5s}\n")
		if i > 0 {
			b.WriteString("    depends_on: [")
			for j := max(0, i-10); j < i; j++ {
				fmt.Fprintf(&b, "s%d,", j)
			}
			b.WriteString("]\n")
		}
	}
	b.WriteString("networks: {common: {}, n0: {}, n1: {}, n2: {}, n3: {}, n4: {}}\nvolumes:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "  v%d: {}\n", i)
	}
	return b.String()
}

// TestTheWorkGrowsWithTheServices counts allocations instead of seconds, which depend on the machine and on what else
// it does: four times the services may cost four times the work and not sixteen. BenchmarkLoad500 and
// BenchmarkTranslate500 have the times. It is not parallel, because all goroutines' allocations are counted.
func TestTheWorkGrowsWithTheServices(t *testing.T) {
	few, many := allocations(t, 125), allocations(t, 500)
	t.Logf("125 services: %d allocations, 500 services: %d", few, many)
	if many > 6*few {
		t.Errorf("500 services take %.1f times the allocations of 125", float64(many)/float64(few))
	}
}

// allocations loads and translates a project of n services, and returns how often memory was allocated for it.
func allocations(t *testing.T, n int) uint64 {
	t.Helper()
	dir := project(t, map[string]string{"compose.yaml": large(n, 0)})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil || tr.Err() != nil {
		t.Fatal(err, tr.Err())
	}
	runtime.ReadMemStats(&after)
	if got := len(tr.Declarations); got != 1+7+6+50+n {
		t.Errorf("%d declarations", got)
	}
	return after.Mallocs - before.Mallocs
}

func TestAFileOfFiveMegabytesIsLoaded(t *testing.T) {
	file := large(500, 10300)
	if len(file) < 5<<20 {
		t.Fatalf("the file has %d bytes only", len(file))
	}
	dir := project(t, map[string]string{"compose.yaml": file})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Services) != 500 {
		t.Errorf("%d services", len(p.Services))
	}
}

// TestACircleInALargeProjectIsFound would not end if each way through the dependencies were followed.
func TestACircleInALargeProjectIsFound(t *testing.T) {
	t.Parallel()
	file := strings.Replace(large(200, 0), "  s0:\n    image: app:0\n", "  s0:\n    image: app:0\n    depends_on: [s199]\n", 1)
	dir := project(t, map[string]string{"compose.yaml": file})
	_, err := loadOnly(dir)
	if err == nil || !strings.Contains(err.Error(), "services depend on each other in a circle: s0 -> s199 -> ") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkLoad500(b *testing.B)        { benchmarkLoad(b, large(500, 0)) }
func BenchmarkLoad5Megabytes(b *testing.B) { benchmarkLoad(b, large(500, 10300)) }

func benchmarkLoad(b *testing.B, file string) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(file), 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := loadOnly(dir); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTranslate500 includes the parsing for positions, which each run of icc does once.
func BenchmarkTranslate500(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(large(500, 0)), 0o644); err != nil {
		b.Fatal(err)
	}
	p, err := loadOnly(dir)
	if err != nil {
		b.Fatal(err)
	}
	content, err := os.ReadFile(p.Files[0])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p.index = newIndex(p.Files, [][]byte{content}, dir, dir)
		if _, err := Translate(p, TranslateOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzLoad makes sure that no document brings the loader down, and that every error is a user's error.
func FuzzLoad(f *testing.F) {
	cases, err := filepath.Glob("testdata/*/compose.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		content, err := os.ReadFile(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content))
	}
	f.Add(rendered)
	f.Add("services: {a: {image: [}}")
	f.Add("services: {a: {image: x, volumes: [{type: volume, volume: {}}]}}\nvolumes: {a: {external: 'true'}}")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		p, err := Load(context.Background(), LoadOptions{
			WorkingDir: dir, Environment: []string{}, Files: []string{"-"}, Stdin: strings.NewReader(content), ProjectName: "fuzz",
		})
		if err != nil {
			if resource.AsError(err).Code != resource.ErrConfig.Code {
				t.Errorf("%v is not a configuration error", err)
			}
			return
		}
		if _, err := Translate(p, TranslateOptions{}); err != nil {
			t.Errorf("a project that loads cannot be translated: %v", err)
		}
	})
}
