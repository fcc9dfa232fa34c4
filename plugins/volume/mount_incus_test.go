//go:build incus

package main

import (
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func secret(path, content string, uid, gid int64, mode int) kinds.VolumeFile {
	return kinds.VolumeFile{Path: path, Content: []byte(content), UID: uid, GID: gid, Mode: mode, Sensitive: true}
}

func TestSecretsAreReadableBelowRunWithOwnerAndMode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("files", kinds.VolumeConfig{Files: []kinds.VolumeFile{
		secret("web/key", "s3cret", 999, 998, 0o440), secret("web/open", "for all", 0, 0, 0o444),
	}})
	disks := func() map[string]string {
		return map[string]string{
			"/run/secrets/key": "shop_files/web/key,readonly=true", "/run/secrets/open": "shop_files/web/open,readonly=true",
		}
	}
	onTmpfs := disks()
	onTmpfs["/run"] = "tmpfs:,size=1MiB"
	w.instance("debian", "debian:13-slim", nil, disks())
	w.instance("tmpfs", "debian:13-slim", nil, onTmpfs)
	w.instance("bare", "busybox:1", nil, disks())
	// Incus puts a tmpfs over an empty /run after the mount points were made; a directory in it keeps Incus from that.
	w.host.Output(t, "incus", "file", "create", "--type", "directory", "--create-dirs", "bare/run/secrets", "--project", w.project)
	for _, name := range []string{"debian", "tmpfs", "bare"} {
		w.start(name)
		for _, check := range []struct{ user, command, want string }{
			{"0", "cat /run/secrets/key", "s3cret"},
			{"999", "cat /run/secrets/key", "s3cret"},
			{"1000", "cat /run/secrets/open", "for all"},
			{"0", "stat -c '%u:%g %a' /run/secrets/key", "999:998 440"},
		} {
			if got := w.in(name, check.user, check.command); got != check.want {
				t.Errorf("%s: user %s, %s: got %q, want %q", name, check.user, check.command, got, check.want)
			}
		}
		if got := w.in(name, "1000", "cat /run/secrets/key"); !strings.Contains(got, "denied") {
			t.Errorf("%s: anybody can read the secret: %q", name, got)
		}
		if got := w.in(name, "0", "echo x > /run/secrets/open"); !strings.Contains(got, "Read-only") {
			t.Errorf("%s: the secret can be written: %q", name, got)
		}
	}
}

func TestChangedFilesReachRunningContainersAndOthersStayUnwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	files := func(fs ...kinds.VolumeFile) kinds.VolumeConfig { return kinds.VolumeConfig{Files: fs} }
	w.mustEnsure("files", files(secret("a", "old", 0, 0, 0o444), secret("b", "same", 0, 0, 0o444), secret("gone/c", "x", 0, 0, 0o444), secret("gone/used", "x", 0, 0, 0o444)))
	w.instance("user", "debian:13-slim", nil, map[string]string{"/a": "shop_files/a", "/b": "shop_files/b", "/used": "shop_files/gone/used"})
	w.start("user")
	before := w.in("user", "0", "stat -c '%y %i' /b; stat -c %i /a")

	w.mustEnsure("files", files(secret("a", "new and longer", 5, 6, 0o440), secret("b", "same", 0, 0, 0o444)))
	if got := w.in("user", "0", "cat /a; stat -c ' %u:%g %a' /a"); got != "new and longer 5:6 440" {
		t.Errorf("the container sees %q", got)
	}
	if after := w.in("user", "0", "stat -c '%y %i' /b; stat -c %i /a"); after != before {
		t.Errorf("written without need, or into another file: %s, before %s", after, before)
	}
	record := readContents(w.volume("shop_files").Config)
	if _, there := record["gone/c"]; there {
		t.Error("a file that is no longer declared is still there")
	}
	if _, there := record["gone/used"]; !there || w.in("user", "0", "cat /used") != "x" {
		t.Error("a file that is still mounted was removed")
	}
	if c := w.plan(w.resolve("files", files(secret("a", "new and longer", 5, 6, 0o440), secret("b", "same", 0, 0, 0o444)))).Changes[0]; c.Class != resource.ClassNone {
		t.Errorf("what cannot be removed yet is planned again and again: %+v", c)
	}
}

func TestServicesOfDifferentUsersShareAVolume(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("data", kinds.VolumeConfig{})
	w.instance("one", "busybox:1", map[string]string{"security.idmap.isolated": "true"}, map[string]string{"/data": "shop_data"})
	w.instance("two", "busybox:1", nil, map[string]string{"/data": "shop_data"})
	w.start("one")
	w.start("two")
	w.in("one", "0", "chmod 1777 /data; echo root > /data/root; chmod 600 /data/root")
	w.in("one", "1000", "echo user > /data/user")
	if got := w.in("two", "0", "stat -c '%u:%g' /data/root /data/user; cat /data/root /data/user"); got != "0:0\n1000:1000\nroot\nuser" {
		t.Errorf("another user namespace sees %q", got)
	}
	if got := w.in("two", "1000", "cat /data/root"); !strings.Contains(got, "denied") {
		t.Errorf("the mode does not hold: %q", got)
	}
}

func TestANewVolumeIsOpenToLookIntoUnlessTheImageSaysOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for key, tt := range map[string]struct{ at, incus, want string }{
		"fresh":  {"/fresh", "", "0:0 755"},
		"image":  {"/tmp", "", "0:0 1777"},
		"chosen": {"/chosen", "0700", "0:0 700"},
	} {
		c := kinds.VolumeConfig{}
		if tt.incus != "" {
			c.Incus = map[string]string{"initial.mode": tt.incus}
		}
		w.mustEnsure(key, c)
		w.instance("with-"+key, "busybox:1", nil, map[string]string{tt.at: "shop_" + key + ",initial.copy=true"})
		w.start("with-" + key)
		if got := w.in("with-"+key, "0", "stat -c '%u:%g %a' "+tt.at); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", key, tt.at, got, tt.want)
		}
		if p := w.plan(w.resolve(key, c)); p.Changes[0].Class != resource.ClassNone {
			t.Errorf("%s: the next plan says %+v", key, p.Changes[0])
		}
	}
}

func TestAnEmptyVolumeGetsTheImagesContentOnceWithOwners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("data", kinds.VolumeConfig{})
	for i, name := range []string{"first", "second"} {
		w.instance(name, "debian:13-slim", nil, map[string]string{"/var/log": "shop_data,initial.copy=true"})
		w.start(name)
		if got := w.in(name, "0", "stat -c '%u:%g %a' /var/log/apt; ls /var/log/mine"); i == 0 && !strings.HasPrefix(got, "0:0 755") {
			t.Errorf("%s: the image's content is missing: %q", name, got)
		} else if i == 1 && got != "/var/log/mine" && !strings.HasSuffix(got, "/var/log/mine") {
			t.Errorf("%s: the data is missing: %q", name, got)
		}
		w.in(name, "0", "touch /var/log/mine; rm -rf /var/log/apt")
	}
	if got := w.in("second", "0", "ls /var/log/apt"); !strings.Contains(got, "No such file") {
		t.Errorf("deleted files came back: %q", got)
	}
}
