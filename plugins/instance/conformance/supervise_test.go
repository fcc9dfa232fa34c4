//go:build incus

package conformance

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
	"github.com/pkg/sftp"

	"github.com/icc-project/icc/plugins/instance/provider"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// runtimeVolume returns the project's runtime volume, of which there has to be one.
func (l *lab) runtimeVolume() api.StorageVolume {
	l.t.Helper()
	volumes, err := l.server.GetStoragePoolVolumesWithFilter("default", []string{"config." + resource.KeyName + "=" + runtime.DeclaredName})
	if err != nil || len(volumes) != 1 {
		l.t.Fatalf("the runtime volumes are %+v, %v", volumes, err)
	}
	return volumes[0]
}

// files opens the runtime volume.
func (l *lab) files() *sftp.Client {
	l.t.Helper()
	files, err := l.server.GetStoragePoolVolumeFileSFTP("default", "custom", l.runtimeVolume().Name)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = files.Close() })
	return files
}

func TestOneVolumeBringsIccInitToAllInstances(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	a, b := l.sleeper("a"), l.sleeper("b")
	names := []string{l.up(a).IncusName, l.up(b).IncusName}
	volume := l.runtimeVolume()
	program, err := runtime.ReadProgram(os.Getenv(programsVariable), l.architecture())
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		resource.KeyProject: l.project, "user.icc.ephemeral": "true", "security.shifted": "true", runtime.KeyProgram: program.Sum,
	} {
		if got := volume.Config[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	for path, want := range map[string]os.FileMode{"init/icc-init": 0o755, names[0]: os.ModeDir | 0o700, names[1]: os.ModeDir | 0o700} {
		if info, err := l.files().Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v, want the mode %s", path, info, err, want)
		}
	}
	if got := l.sh(a, "tr '\\0' ' ' < /proc/1/cmdline; ls -d /.icc/*.json; touch /s6-init 2>&1 || true"); !strings.HasPrefix(got, "/s6-init") ||
		!strings.Contains(got, "/.icc/state.json") || !strings.Contains(got, "Read-only") {
		t.Errorf("inside there is %q", got)
	}
	l.down(a)
	if left, err := l.files().ReadDir("."); err != nil || slices.ContainsFunc(left, func(f os.FileInfo) bool { return f.Name() == names[0] }) {
		t.Errorf("after the deletion the volume has %v, %v", left, err)
	}
}

func (l *lab) architecture() string {
	l.t.Helper()
	server, _, err := l.server.GetServer()
	if err != nil {
		l.t.Fatal(err)
	}
	return server.Environment.Architectures[0]
}

func TestAnotherIccInitLeavesWhatRunsAlone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	a, b := l.sleeper("a"), l.sleeper("b")
	name := l.up(a).IncusName
	before := l.pid(name)
	dir := t.TempDir()
	for _, arch := range []string{"amd64", "arm64"} {
		content, err := os.ReadFile(filepath.Join(os.Getenv(programsVariable), "icc-init-linux-"+arch))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "icc-init-linux-"+arch), append(content, "newer"...), 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	size := l.sh(a, "stat -c %s /s6-init")
	l.provider = l.with(provider.WithPrograms(dir))
	if got := l.change(a).Class; got != resource.ClassNone {
		t.Errorf("another icc-init is planned as %q", got)
	}
	l.up(b)
	if l.pid(name) != before || l.sh(a, "stat -c %s /s6-init") != size {
		t.Error("what ran was disturbed")
	}
	if got := l.sh(b, "stat -c %s /s6-init"); got == size {
		t.Error("the new one was not delivered")
	}
	l.must(a, resource.ActionStop)
	l.must(a, resource.ActionStart)
	if got := l.sh(a, "stat -c %s /s6-init"); got == size {
		t.Error("a start still takes the old one")
	}
}

// with configures a provider as newProvider does.
func (l *lab) with(p *provider.Provider) *provider.Provider {
	l.t.Helper()
	err := p.Configure(l.t.Context(), sdk.Settings{IncusSocket: l.host.Socket, IncusProject: l.project, ProjectOwned: true,
		ComposeProject: l.project, StoragePool: "default", CacheDir: l.cache})
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

func TestAMissingIccInitIsToldBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	dir := t.TempDir()
	l.provider = l.with(provider.WithPrograms(dir))
	c := l.sleeper("web")
	_, _, err := l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if !errors.Is(err, resource.ErrNotFound) || !strings.Contains(err.Error(), dir) || !strings.Contains(resource.Hint(err), "make build") ||
		!strings.Contains(resource.Hint(err), "init: off") {
		t.Errorf("the error is %v, its hint %q", err, resource.Hint(err))
	}
	if l.state(c).Exists {
		t.Error("the instance was made all the same")
	}
	c.Init = kinds.InitOff
	l.up(c)
}

func TestWhatWasRemovedFromTheVolumeIsMadeAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	name := l.up(c).IncusName
	l.must(c, resource.ActionStop)
	files := l.files()
	for _, path := range []string{"init", name} {
		if err := files.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	l.provider = l.newProvider(nil)
	_, s, err := l.run(c, resource.ActionStart, resource.Options{})
	if err != nil {
		t.Fatalf("starting: %v", err)
	}
	if told := strings.Join(s.notices, "\n"); !strings.Contains(told, "has been made again") {
		t.Errorf("it tells %q", told)
	}
	if got := l.state(c).Status; got != resource.StatusRunning {
		t.Errorf("it is %q", got)
	}
}

func TestHooksRunAsTheServiceWould(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.User, c.Environment = "1234:4321", map[string]string{"FROM": "service"}
	c.PostStart = []kinds.Hook{
		{Command: []string{"sh", "-c", "echo $(id -u):$(id -g) $FROM $X $(pwd) > /tmp/own"}, Environment: map[string]string{"X": "two\nlines"}, WorkingDir: "/tmp"},
		{Command: []string{"sh", "-c", "id -u > /tmp/other"}, User: "nobody"},
	}
	c.PreStop = []kinds.Hook{{Command: []string{"cp", "/proc/uptime", "/data/stopped"}, User: "root"}}
	l.volume("data")
	c.Mounts = []kinds.Mount{{Type: kinds.MountVolume, Source: "data", Target: "/data"}}
	l.up(c)
	if got := l.sh(c, "cat /tmp/own /tmp/other"); got != "1234:4321 service two lines /tmp\n65534\n" {
		t.Errorf("the hooks wrote %q", got)
	}
	p := l.plan() // as `down` without a compose file
	_, err := l.provider.Run(t.Context(), sdk.RunRequest{Resource: resource.Resolved{Ref: p.States[0].Ref, IncusName: p.States[0].IncusName},
		Action: resource.ActionStop, State: p.States[0]}, &sink{})
	if err != nil {
		t.Fatalf("stopping: %v", err)
	}
	content, _, err := l.server.GetStorageVolumeFile("default", "custom", "data", "/stopped")
	if err != nil {
		t.Fatalf("the hook before the stop has not run: %v", err)
	}
	_ = content.Close()
}

func TestAFailingHookFailsTheAction(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.PostStart = []kinds.Hook{{Command: []string{"sh", "-c", "echo it is broken; exit 3"}}}
	l.must(c, resource.ActionEnsure)
	_, _, err := l.run(c, resource.ActionStart, resource.Options{})
	for _, want := range []string{"web", "post_start", "exit code 3", "it is broken"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
	c.PostStart, c.PreStop = nil, []kinds.Hook{{Command: []string{"nosuchhook"}}}
	if got := l.change(c).Class; got != resource.ClassLive {
		t.Errorf("changed hooks are %q", got)
	}
	l.must(c, resource.ActionEnsure)
	_, _, err = l.run(c, resource.ActionStop, resource.Options{})
	if err == nil || !strings.Contains(err.Error(), "pre_stop") || l.state(c).Status != resource.StatusRunning {
		t.Errorf("stopping: %v", err)
	} else if n := strings.Count(err.Error(), "exec: "); n != 1 {
		t.Errorf("the reason is said %d times: %v", n, err)
	}
	if _, _, err := l.run(c, resource.ActionStop, resource.Options{Force: true}); err != nil {
		t.Errorf("by force: %v", err)
	}
}

func TestAStopKillsAfterTheGracePeriodAndNotBefore(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	stubborn := func(name string, grace time.Duration) kinds.InstanceConfig {
		c := l.service(name, "busybox", "sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done")
		c.StopGracePeriod = grace
		l.up(c)
		l.waitLog(c, "deaf\n")
		return c
	}
	changed := stubborn("changed", time.Hour)
	changed.StopGracePeriod = 2 * time.Second
	if got := l.change(changed).Class; got != resource.ClassLive {
		t.Errorf("another grace period is %q", got)
	}
	l.must(changed, resource.ActionEnsure)
	for _, test := range []struct {
		config  kinds.InstanceConfig
		timeout time.Duration
		want    time.Duration
	}{
		{stubborn("own", 2*time.Second), 0, 2 * time.Second},
		{stubborn("given", time.Hour), time.Second, time.Second},
		{changed, 0, 2 * time.Second},
	} {
		begin := time.Now()
		if _, _, err := l.run(test.config, resource.ActionStop, resource.Options{Timeout: test.timeout}); err != nil {
			t.Errorf("%s: %v", test.config.Service, err)
		}
		if took := time.Since(begin); took < test.want || took > 2*patience {
			t.Errorf("%s: the stop took %s, want %s", test.config.Service, took, test.want)
		}
		if state, _, err := l.provider.Courier().State(t.Context(), l.state(test.config).IncusName); err != nil || state.ExitCode != 137 {
			t.Errorf("%s: its state is %+v, %v", test.config.Service, state, err)
		}
	}
}

func TestAnInitOfTheImagesOwnIsStoppedByItsSignal(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("os", "busybox", "sh", "-c", "trap 'exit 0' USR1; trap '' TERM; echo ready; while :; do sleep 0.1; done")
	c.Init, c.StopSignal, c.StopGracePeriod = kinds.InitTakeover, "USR1", time.Hour
	l.up(c)
	l.waitLog(c, "ready\n")
	if got := l.sh(c, "tr '\\0' ' ' < /proc/1/cmdline"); !strings.HasPrefix(got, "sh -c trap") {
		t.Errorf("PID 1 is %q", got)
	}
	begin := time.Now()
	l.must(c, resource.ActionStop)
	if took := time.Since(begin); took > 2*patience {
		t.Errorf("the stop took %s", took)
	}
}

func TestWhatTheCommandIsStartedWithTakesARestart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	name := l.up(c).IncusName
	l.sh(c, "touch /kept")
	before := l.pid(name)
	c.Environment, c.Restart = map[string]string{"MODE": "new"}, "always"
	change := l.change(c)
	if change.Class != resource.ClassRestart {
		t.Fatalf("the plan says %s: %+v", change.Class, change.Fields)
	}
	l.must(c, resource.ActionEnsure)
	l.must(c, resource.ActionStart)
	if l.pid(name) == before {
		t.Error("it was not started again")
	}
	if got := l.sh(c, "ls /kept; tr '\\0' '\\n' < /proc/$(pidof sleep)/environ | grep MODE"); got != "/kept\nMODE=new\n" {
		t.Errorf("it was made anew, or as it was: %q", got)
	}
	l.settled(c)
}

func TestWhateverTheImageHasInIccInitsPlaceIsWorkedAroundOrTold(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for kind, want := range map[string]error{"file": nil, "symlink": nil, "directory": resource.ErrUnsupported} {
		c := l.sleeper(kind)
		l.must(c, resource.ActionEnsure)
		args := incus.InstanceFileArgs{Type: kind, Mode: 0o755}
		if kind != "directory" {
			args.Content = strings.NewReader("nowhere")
		}
		if err := l.server.CreateInstanceFile(l.state(c).IncusName, initspec.Path, args); err != nil {
			t.Fatal(err)
		}
		_, _, err := l.run(c, resource.ActionStart, resource.Options{})
		if !errors.Is(err, want) || want != nil && !strings.Contains(resource.Hint(err), "init: off") {
			t.Errorf("with a %s the error is %v, its hint %q", kind, err, resource.Hint(err))
		}
	}
}

func TestARestrictedProjectIsEnough(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	root := l.host.Incus(t)
	project, etag, err := root.GetProject(l.project)
	if err == nil {
		project.Config["restricted"] = "true"
		err = root.UpdateProject(l.project, project.Writable(), etag)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := l.sleeper("web")
	c.User, c.ReadOnly, c.Restart, c.Limits.OOMScore = "nobody", true, "always", 100
	l.up(c)
	if got := l.sh(c, "id -u; cat /proc/$(pidof sleep)/oom_score_adj"); got != "65534\n100\n" {
		t.Errorf("it runs as %q", got)
	}
	c.StopGracePeriod = time.Minute
	c.Service = "patient"
	_, _, err = l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if err == nil || !strings.Contains(resource.Hint(err), "stop_grace_period") {
		t.Errorf("a grace period that the project forbids: %v, hint %q", err, resource.Hint(err))
	}
}
