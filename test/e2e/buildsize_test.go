//go:build incus

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The builders' own suite shows the same for docker, where the context is really sent.
func TestWhatIsIgnoredOfALargeContextIsNotEvenRead(t *testing.T) {
	t.Parallel()

	for builder, ignore := range map[string]string{"podman": ".dockerignore", "buildah": ".containerignore"} {
		t.Run(builder, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, "services:\n  web: {build: {context: ./web}}\n")
			p.env = append(p.env, "ICC_BUILDER="+builder)
			p.write("web/Containerfile", "FROM busybox:1\nCOPY . /all\nCMD [\"sleep\", \"infinity\"]\n")
			p.write("web/"+ignore, "data\n!data/kept\n")
			p.write("web/data/kept", "kept")

			// They take no room on the disk, but would in an image.
			past := time.Now().Add(-72 * time.Hour).Truncate(time.Second)
			for name, size := range map[string]int64{"data/large": 1900 << 20, "data/more/large": 100 << 20, "data/kept": 4} {
				path := filepath.Join(p.dir, "web", name)
				p.write("web/"+name, "kept")
				p.must(os.Truncate(path, size))
				p.must(os.Chtimes(path, past, past))
			}

			r := p.ok("up", "-d")

			for name, want := range map[string]bool{"data/large": false, "data/more/large": false, "data/kept": true} {
				var stat syscall.Stat_t

				p.must(syscall.Stat(filepath.Join(p.dir, "web", name), &stat))

				if read := !time.Unix(stat.Atim.Unix()).Equal(past); read != want {
					t.Errorf("%s was read: %t", name, read)
				}
			}

			if got := p.inside("web", "cd /all; find . -type f"); !strings.Contains(got, "./data/kept") || strings.Contains(got, "large") {
				t.Errorf("the image has %q; %s", got, r)
			}

			if size := p.images()[0].Size; size > 20<<20 {
				t.Errorf("the image has %d bytes", size)
			}
		})
	}
}

// many is how many services are built from one Containerfile, atOnce how many of them at the same time.
const (
	many   = 20
	atOnce = 4
)

func TestTwentyServicesOfOneContainerfileAreBuiltAsManyAtOnceAsAsked(t *testing.T) {
	t.Parallel()

	var compose strings.Builder
	compose.WriteString("services:\n")

	for i := range many {
		fmt.Fprintf(&compose, "  s%d: {build: {context: ., args: {N: \"%d\"}}}\n", i, i)
	}

	p := newProject(t, compose.String())

	// Each step goes on when the test ends its sleep.
	mark := buildMark()
	p.write("Containerfile", "FROM busybox:1\nARG N\nRUN sleep "+mark+" & wait; echo $N > /n\n")
	p.write(".containerignore", "*\n")

	r := p.start("--parallel", fmt.Sprint(atOnce), "--progress", "json", "build")
	most := 0

	p.until(2*patience, "the builds have ended", func() (string, bool) {
		steps := processes("^sleep " + mark)
		if most = max(most, len(steps)); most >= atOnce {
			for pid := range steps {
				_ = syscall.Kill(pid, syscall.SIGTERM) // it may just have ended
			}
		}

		return fmt.Sprintf("at most %d steps at once; %s", most, &r.stderr), r.hasEnded()
	})

	type event struct{ Type, Kind string }

	got, done := r.wait(patience), 0

	for _, e := range parseRows[event](p, got.stderr) {
		if e.Kind == "image" && e.Type == "done" {
			done++
		}
	}

	if got.code != 0 || most != atOnce || done != many {
		t.Errorf("%d builds ran at once, want %d; %d are done: %s", most, atOnce, done, got)
	}

	for i := range many {
		// The cache has them all; a build that went wrong would not.
		if name := fmt.Sprintf("%s-s%d", p.name, i); !strings.Contains(strings.Join(p.imageNames(), " "), name) {
			t.Errorf("there is no image of %s", name)
		}
	}
}
