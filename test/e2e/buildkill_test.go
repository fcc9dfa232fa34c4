//go:build incus

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/test/testbed"
)

// newBuild is a project with a step that takes as long as WAIT says, and a store of the builder's for itself alone.
func newBuild(t *testing.T, builder string) *project {
	t.Helper()

	p := newProject(t, "services:\n  web:\n    build: {context: ., args: {WAIT: \"${WAIT:-0}\"}}\n")
	p.write("Containerfile", "FROM busybox:1\nARG WAIT\nRUN echo be''gun; sleep $WAIT & wait; echo done > /x\n")
	p.write(".containerignore", "*\n")
	p.env = append(p.env, "ICC_BUILDER="+builder, "CONTAINERS_STORAGE_CONF="+p.storage())

	return p
}

// storage makes a place for podman's and buildah's images, and returns its configuration.
func (p *project) storage() string {
	graph := filepath.Join(p.dir, "graph")
	p.must(os.MkdirAll(graph, 0o700))

	// vfs mounts nothing, so that the folder can be removed.
	p.write("storage.conf", fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", graph, filepath.Join(p.dir, "run")))

	return filepath.Join(p.dir, "storage.conf")
}

func TestABuildThatIsKilledLeavesNothingHalfMade(t *testing.T) {
	t.Parallel()

	plugin := func(name string) func(*building) {
		return func(b *building) { b.kill("icc-plugin-builder-" + name + "$") }
	}

	for name, tt := range map[string]struct {
		builder string
		end     func(*building)
		code    int
		says    string
	}{
		"icc": {"podman", func(b *building) { b.signal(os.Kill) }, -1, ""},
		"icc and the builder": {"podman", func(b *building) {
			b.signal(syscall.SIGSTOP) // so that it cannot tidy up
			plugin("podman")(b)
			b.signal(os.Kill)
		}, -1, ""},
		"podman's plugin":  {"podman", plugin("podman"), 1, `"builder-podman" crashed`},
		"podman":           {"podman", func(b *building) { b.kill("^podman build ") }, 1, "podman was killed"},
		"podman by Ctrl-C": {"podman", func(b *building) { b.signal(os.Interrupt) }, 130, "interrupted"},
		"buildah's plugin": {"buildah", plugin("buildah"), 1, `"builder-buildah" crashed`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newBuild(t, tt.builder)
			b := p.building("build")
			tt.end(b)

			if r := b.wait(30 * time.Second); r.code != tt.code || !strings.Contains(r.stderr, tt.says) {
				t.Errorf("want exit code %d and %q: %s", tt.code, tt.says, r)
			}

			p.until(20*time.Second, "no process of the build is left", func() (string, bool) {
				left := processes(b.mark)

				return fmt.Sprint(left), len(left) == 0
			})

			if names := p.imageNames(); len(names) > 0 {
				t.Errorf("the server has %q", names)
			}

			// What nobody could remove goes with the next build, unless another test's build is just looking at it.
			p.until(patience, "the next build clears away", func() (string, bool) {
				p.ok("build")

				_, err := os.Stat(b.dir)
				left := p.workingContainers()

				return fmt.Sprintf("%s: %v; containers:\n%s", b.dir, err, left), os.IsNotExist(err) && left == ""
			})

			if names := p.imageNames(); len(names) != 1 {
				t.Errorf("after the next build the server has %q", names)
			}
		})
	}
}

// building is a build that has come to its long step.
type building struct {
	*running
	// mark is a word in the command lines of the tool and of the step.
	mark string
	// dir is where icc wants the image.
	dir string
}

func (p *project) building(args ...string) *building {
	p.t.Helper()

	mark := buildMark()
	b := &building{running: p.with("WAIT=" + mark).start(args...), mark: mark}
	b.says("begun")

	dirs := regexp.MustCompile(`/var/tmp/icc-build-\d+`)
	for _, line := range processes(mark) {
		if dir := dirs.FindString(line); dir != "" {
			b.dir = dir
		}
	}

	if b.dir == "" {
		p.t.Fatalf("the build is not what this test takes it for: %v", processes(mark))
	}

	p.until(30*time.Second, "the step sleeps", func() (string, bool) {
		return fmt.Sprint(processes(mark)), len(processes("^sleep "+mark)) == 1
	})

	return b
}

// buildMark is a time to sleep that nothing else on this machine sleeps.
func buildMark() string { return strconv.Itoa(1_000_000_000 + os.Getpid()%9999*100_000 + freePort()) }

// kill kills the processes of the build that match.
func (b *building) kill(pattern string) {
	b.p.t.Helper()

	list := processes(pattern)
	n := 0

	for pid := range list {
		// Other tests build, too: what counts is that the process has to do with this icc or with the mark.
		if parentOf(pid) == b.command.Process.Pid || strings.Contains(list[pid], b.mark) {
			err := syscall.Kill(pid, syscall.SIGKILL)
			if errors.Is(err, syscall.ESRCH) {
				continue // it has just ended
			}

			b.p.must(err)

			n++
		}
	}

	if n == 0 {
		b.p.t.Fatalf("nothing matches %q: %v", pattern, list)
	}
}

// processes returns the command lines that match, by process.
func processes(pattern string) map[int]string {
	match := regexp.MustCompile(pattern)
	found := map[int]string{}

	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is a constant
	for _, folder := range folders {
		line, _ := os.ReadFile(folder + "/cmdline") // a process that has ended has none
		text := strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))

		if pid, err := strconv.Atoi(filepath.Base(folder)); err == nil && text != "" && match.MatchString(text) {
			found[pid] = text
		}
	}

	return found
}

func parentOf(pid int) int {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // a process that has ended has none
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))

	if len(fields) < 2 {
		return 0
	}

	parent, _ := strconv.Atoi(fields[1])

	return parent
}

// imageNames are the names of the images that the project has on its server.
func (p *project) imageNames() []string {
	p.t.Helper()

	list, err := p.host.Incus(p.t).GetImagesAllProjects()
	p.must(err)

	names := []string{}

	for _, image := range list {
		for _, alias := range image.Aliases {
			if strings.Contains(alias.Name, p.name+"-") {
				names = append(names, alias.Name)
			}
		}

		if len(image.Aliases) == 0 && image.Properties["user.icc.project"] == p.name {
			names = append(names, image.Fingerprint)
		}
	}

	return names
}

func (p *project) workingContainers() string {
	p.t.Helper()

	command := p.host.Command(p.t, "podman", "ps", "--all", "--external", "--quiet")
	command.Env = append(command.Env, p.env...)

	// What podman says beside its answer, as of a layer that it clears away, is no container.
	out, err := command.Output()
	p.must(err)

	return string(out)
}

func TestABuildOnAFullDiskSaysSoAndTheNextOneWorks(t *testing.T) {
	t.Parallel()

	p := newBuild(t, "podman")
	p.write("Containerfile", "FROM busybox:1\nARG WAIT\nRUN head -c ${WAIT}000000 /dev/urandom > /x\n")

	graph := filepath.Join(p.dir, "graph")
	p.must(syscall.Mount("tmpfs", graph, "tmpfs", 0, "size=20m"))
	t.Cleanup(func() {
		// A tool that ends may hold it for a moment.
		eventually(t, 30*time.Second, func() string {
			if err := syscall.Unmount(graph, 0); err != nil {
				return err.Error()
			}

			return ""
		})
	})

	with := func(megabytes string) *project { return p.with("WAIT=" + megabytes) }
	with("50").fails(1, []string{"build"}, "no space left on device", "hint: make room")

	if names, left := p.imageNames(), p.workingContainers(); len(names) > 0 || left != "" {
		t.Errorf("there are images %q and containers %q", names, left)
	}

	with("1").ok("build")

	if names := p.imageNames(); len(names) != 1 {
		t.Errorf("the server has %q", names)
	}
}

func TestAnImageThatTheServerHasNoRoomForLeavesNothingThere(t *testing.T) {
	t.Parallel()

	host := testbed.Another(t, "e2e-full-images")
	server := host.Incus(t)
	p := newProjectOn(t, host, "services:\n  web:\n    build: {context: ., args: {SIZE: \"${SIZE:-1}\"}}\n")
	p.write("Containerfile", "FROM busybox:1\nARG SIZE\nRUN head -c ${SIZE}000000 /dev/urandom > /x\n")
	p.write(".containerignore", "*\n")

	p.must(server.CreateStoragePool(api.StoragePoolsPost{
		Name: "small", Driver: "btrfs", StoragePoolPut: api.StoragePoolPut{Config: map[string]string{"size": "120MiB"}},
	}))
	p.must(server.CreateStoragePoolVolume("small", api.StorageVolumesPost{Name: "images", Type: "custom", ContentType: "filesystem"}))

	settings, etag, err := server.GetServer()
	p.must(err)

	settings.Config["storage.images_volume"] = "small/images"
	p.must(server.UpdateServer(settings.Writable(), etag))

	p.with("SIZE=90").fails(1, []string{"build"}, "no space left on device", "icc images prune")

	if names := p.imageNames(); len(names) > 0 {
		t.Errorf("the server has %q", names)
	}

	// What the failed upload had written is gone.
	p.with("SIZE=12").ok("build")

	if names := p.imageNames(); len(names) != 1 {
		t.Errorf("the server has %q", names)
	}
}
