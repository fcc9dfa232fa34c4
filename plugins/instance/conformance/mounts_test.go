//go:build incus

package conformance

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestAnEmptyVolumeIsFilledFromTheImageOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.volume("data")
	c := l.service("db", "redis", "sleep", "1000")
	c.Mounts = []kinds.Mount{{Type: kinds.MountVolume, Source: "data", Target: "/data"}}
	l.up(c)
	if got := l.sh(c, "stat -c %u:%g:%a /data; echo kept > /data/mine; chown 999 /data/mine"); got != "999:999:755\n" {
		t.Errorf("the volume's owner is %q", got)
	}
	c.Environment, c.Init = map[string]string{"CHANGED": "yes"}, kinds.InitOff
	if got := l.change(c).Class; got != resource.ClassRecreate {
		t.Fatalf("to go without icc-init is %q", got)
	}
	l.up(c)
	if got := l.sh(c, "cat /data/mine; stat -c %u /data/mine; echo $CHANGED"); got != "kept\n999\nyes\n" {
		t.Errorf("after it was made anew the volume has %q", got)
	}
}

func TestAReadOnlyVolumeIsFilledAndThenCannotBeWritten(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.volume("bin")
	l.volume("plain")
	c := l.service("web", "redis", "sleep", "1000")
	c.Mounts = []kinds.Mount{
		{Type: kinds.MountVolume, Source: "bin", Target: "/usr/local/bin", ReadOnly: true},
		{Type: kinds.MountVolume, Source: "plain", Target: "/etc/new/path", NoCopy: true, ReadOnly: true},
	}
	l.up(c)
	if got := l.sh(c, "ls /usr/local/bin"); !strings.Contains(got, "docker-entrypoint.sh") {
		t.Errorf("the volume holds %q", got)
	}
	for _, dir := range []string{"/usr/local/bin", "/etc/new/path"} {
		l.exec(t.Context(), c, nil, "touch", dir+"/x").end(t, 1)
	}
}

func TestDataOfTheImagesVolumesSurvives(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("db", "redis", "sleep", "1000")
	l.up(c)
	if got := l.sh(c, "stat -c %u:%g /data; echo kept > /data/mine"); got != "999:999\n" {
		t.Errorf("the owner is %q", got)
	}
	c.Environment = map[string]string{"CHANGED": "yes"}
	l.up(c)
	if got := l.sh(c, "cat /data/mine"); got != "kept\n" {
		t.Errorf("after it was made anew the file has %q", got)
	}
	l.down(c)
	volumes, err := l.server.GetStoragePoolVolumesWithFilter("default", []string{
		"config." + resource.KeyProject + "=" + l.project, "config." + spec.KeyAnonymous + "=true"})
	if err != nil || len(volumes) != 1 || volumes[0].Config[resource.KeyName] != "db-1:/data" {
		t.Errorf("the volume plugin would find %+v, %v", volumes, err)
	}
}

func TestBindMountsShowTheHostsFilesWithTheirOwners(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	dir := l.host.ProjectDir(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("from the host\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(file, 1000, 1000); err != nil {
		t.Fatal(err)
	}
	c := l.sleeper("web")
	c.Mounts = []kinds.Mount{
		{Type: kinds.MountBind, Source: file, Target: "/etc/single", ReadOnly: true},
		{Type: kinds.MountBind, Source: filepath.Join(dir, "made", "anew"), Target: "/made", CreateHostPath: true},
	}
	l.up(c)
	if got := l.sh(c, "cat /etc/single; stat -c %u:%g:%a /etc/single; echo x > /made/y"); got != "from the host\n1000:1000:600\n" {
		t.Errorf("the container sees %q", got)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "made", "anew", "y")); err != nil || string(got) != "x\n" {
		t.Errorf("the host sees %q, %v", got, err)
	}
	l.exec(t.Context(), c, nil, "sh", "-c", "echo > /etc/single").end(t, 1)
}

func TestABindWithoutASourceIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Mounts = []kinds.Mount{{Type: kinds.MountBind, Source: "/var/tmp/icc-projects/not/there", Target: "/x"}}
	_, _, err := l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if !errors.Is(err, resource.ErrConfig) || !strings.Contains(err.Error(), "/var/tmp/icc-projects/not/there") {
		t.Errorf("the error is %v", err)
	}
	l.provider = l.newProvider(func(s *sdk.Settings) { s.Remote = true })
	_, _, err = l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if !errors.Is(err, resource.ErrUnsupported) || resource.Hint(err) == "" {
		t.Errorf("on another machine the error is %v", err)
	}
	if l.state(c).Exists {
		t.Error("the instance was made all the same")
	}
}

func TestTmpfsHasDockersModeAndTheWantedSize(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Mounts = []kinds.Mount{
		{Type: kinds.MountTmpfs, Target: "/scratch", Size: 1 << 20},
		{Type: kinds.MountTmpfs, Target: "/private", Mode: 0o700},
		{Type: kinds.MountTmpfs, Target: "/run/below"},
	}
	c.Limits.ShmSize = 2 << 20
	l.up(c)
	got := l.sh(c, "for d in /scratch /private /run/below /dev/shm; do stat -c %n:%a:$(df -k $d | awk 'END{print $1 $2}') $d; done")
	want := "/scratch:1777:tmpfs1024\n/private:700:tmpfs"
	if !strings.HasPrefix(got, want) || !strings.Contains(got, "/run/below:1777:tmpfs") || !strings.Contains(got, "/dev/shm:1777:tmpfs2048\n") {
		t.Errorf("the container sees %q", got)
	}
}

func TestSecretsAppearBelowRunOnAnyImage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.volume("files")
	mode := []struct {
		path, kind string
	}{{"/web", "directory"}, {"/web/db", "file"}}
	for _, f := range mode {
		err := l.server.CreateStorageVolumeFile("default", "custom", "files", f.path, incus.InstanceFileArgs{
			Type: f.kind, UID: 1000, GID: 1000, Mode: 0o755 &^ map[string]int{"file": 0o315}[f.kind], Content: strings.NewReader("hush"),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, image := range []string{"busybox", "redis", "nginx"} { // without, with, and with something in /run
		c := l.service(image, image, "sleep", "1000")
		c.Mounts = []kinds.Mount{{Type: kinds.MountVolume, Source: "files", Subpath: "web/db", Target: "/run/secrets/db", ReadOnly: true, Secret: true}}
		l.up(c)
		if got := l.sh(c, "cat /run/secrets/db; stat -c :%u:%a /run/secrets/db"); got != "hush:1000:440\n" {
			t.Errorf("%s: the container sees %q", image, got)
		}
		l.must(c, resource.ActionStop)
		l.must(c, resource.ActionStart)
		if got := l.sh(c, "cat /run/secrets/db"); got != "hush" {
			t.Errorf("%s: after a restart the container sees %q", image, got)
		}
	}
}

func TestSeveralInstancesShareAVolume(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.volume("shared")
	a, b := l.sleeper("a"), l.sleeper("b")
	b.User = "1000:1000"
	for _, c := range []*kinds.InstanceConfig{&a, &b} {
		c.Mounts = []kinds.Mount{{Type: kinds.MountVolume, Source: "shared", Target: "/shared"}}
		l.up(*c)
	}
	l.sh(a, "echo hello > /shared/x; chown 1000:1000 /shared/x; chmod 755 /shared")
	if got := l.sh(b, "cat /shared/x; stat -c %u /shared/x"); got != "hello\n1000\n" {
		t.Errorf("the other sees %q", got)
	}
}
