package testbed_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "gotest")) }

func TestTheServerIsIncus7WithTheRegistryBesideIt(t *testing.T) {
	host := testbed.Env(t)

	server, _, err := host.Incus(t).GetServer()
	if err != nil {
		t.Fatal(err)
	}

	if !strings.HasPrefix(server.Environment.ServerVersion, "7.") {
		t.Errorf("the server is Incus %s", server.Environment.ServerVersion)
	}

	answer := host.Output(t, "curl", "--silent", "--show-error", "--fail", "https://127.0.0.1:5000/v2/_catalog")

	for _, want := range []string{"busybox", "debian", "nginx", "postgres", "redis", "scratchtest"} {
		if !strings.Contains(answer, `"library/`+want+`"`) || !strings.Contains(answer, `"`+want+`"`) {
			t.Errorf("the registry has no %s: %s", want, answer)
		}
	}
}

func TestAContainerSeesTheProjectFolderAtTheSamePath(t *testing.T) {
	host := testbed.Env(t)
	host.LeavesNothing(t, "image")

	dir := host.ProjectDir(t)
	if err := os.WriteFile(filepath.Join(dir, "hello"), []byte("from outside\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	host.Output(t, "incus", "create", "docker.io:library/busybox:1", "seer", "--no-profiles", "--storage", "default")
	t.Cleanup(func() { host.Output(t, "incus", "delete", "--force", "seer") })
	host.Output(t, "incus", "config", "device", "add", "seer", "dir", "disk", "source="+dir, "path=/seen", "shift=true")
	host.Output(t, "incus", "start", "seer")

	if got, code := host.Indoors(t, "default", "seer", "0", "cat", "/seen/hello"); got != "from outside\n" || code != 0 {
		t.Errorf("the container read %q, exit code %d", got, code)
	}
}

func TestACommandChangesItsNetworkAndNothingElse(t *testing.T) {
	host := testbed.Env(t)

	for namespace, same := range map[string]bool{"net": false, "mnt": true, "pid": true, "uts": true} {
		own, err := os.Readlink("/proc/self/ns/" + namespace)
		if err != nil {
			t.Fatal(err)
		}

		if got := strings.TrimSpace(host.Output(t, "readlink", "/proc/self/ns/"+namespace)); (got == own) != same {
			t.Errorf("namespace %s is %s in a command and %s in the test", namespace, got, own)
		}
	}
}

func TestLeavingsOfEveryKindAreFound(t *testing.T) {
	host := testbed.Env(t)
	server := host.Incus(t)
	watched := &recorder{TB: t}
	host.LeavesNothingSoon(watched)

	if err := server.CreateProject(api.ProjectsPost{Name: "left"}); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = server.DeleteProject("left") })

	volume := api.StorageVolumesPost{Name: "left", Type: "custom", ContentType: "filesystem"}
	if err := server.CreateStoragePoolVolume("default", volume); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = server.DeleteStoragePoolVolume("default", "custom", "left") })

	process := host.Command(t, "sleep", "60")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})

	watched.end()

	for _, want := range []string{"project left is new", "volume default/default/left is new", "sleep 60 is new"} {
		if !strings.Contains(watched.text, want) {
			t.Errorf("%q is missing in:\n%s", want, watched.text)
		}
	}
}
