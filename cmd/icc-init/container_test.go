//go:build incus

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
	"github.com/pkg/sftp"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/test/testbed"
)

const (
	pool   = "default"
	volume = "init-test"
)

// bench is a server with icc-init on a volume and some images.
type bench struct {
	host   testbed.Host
	server incus.InstanceServer
}

// onceBench is made by the first test that asks, and shared.
var onceBench = sync.OnceValues(func() ([]byte, error) {
	file := filepath.Join(os.TempDir(), "icc-init-under-test-"+strconv.Itoa(os.Getpid()))
	defer func() { _ = os.Remove(file) }()
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return output, err
	}
	return os.ReadFile(file)
})

var prepareServer sync.Once

func newBench(t *testing.T) bench {
	t.Helper()
	b := bench{host: testbed.Env(t)}
	b.server = b.host.Incus(t)
	binary, err := onceBench()
	if err != nil {
		t.Fatalf("building icc-init: %v\n%s", err, binary)
	}
	prepareServer.Do(func() {
		for _, image := range []string{"busybox", "debian", "scratchtest"} {
			b.host.Output(t, "incus", "image", "copy", "docker.io:library/"+image, "local:", "--alias", image)
		}
		err := b.server.CreateStoragePoolVolume(pool, api.StorageVolumesPost{
			Name: volume, Type: "custom", ContentType: "filesystem",
			StorageVolumePut: api.StorageVolumePut{Config: map[string]string{"security.shifted": "true"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		b.write(t, "icc-init", binary, 0o755)
	})
	return b
}

// files opens the volume. The server's helper for it may just be ending: then it is tried again.
func (b bench) files(t *testing.T) *sftp.Client {
	t.Helper()
	var files *sftp.Client
	err := sdkincus.Retry(context.Background(), func() (err error) {
		files, err = b.server.GetStoragePoolVolumeFileSFTP(pool, "custom", volume)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (b bench) write(t *testing.T, path string, content []byte, mode os.FileMode) {
	t.Helper()
	files := b.files(t)
	defer func() { _ = files.Close() }()
	w, err := files.Create(path)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = files.Chmod(path, mode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (b bench) read(t *testing.T, path string) []byte {
	t.Helper()
	files := b.files(t)
	defer func() { _ = files.Close() }()
	r, err := files.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// container is an instance whose PID 1 is icc-init.
type container struct {
	bench
	name string
}

// create makes a container that runs the spec, and deletes it after the test. More are devices besides its own.
func (b bench) create(t *testing.T, image string, spec initspec.Spec, config map[string]string) container {
	t.Helper()
	spec.Version = initspec.Version
	order, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	return b.createRaw(t, image, string(order), config)
}

func (b bench) createRaw(t *testing.T, image, order string, config map[string]string) container {
	t.Helper()
	name := "t-" + strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, t.Name()))
	name = name[:min(len(name), 50)]
	c := container{bench: b, name: name}
	files := b.files(t)
	defer func() { _ = files.Close() }()
	if err := files.Mkdir(name); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"oci.entrypoint": initspec.Path, "oci.uid": "0", "oci.gid": "0", initspec.Key: order}
	for k, v := range config {
		all[k] = v
	}
	if order == "" {
		delete(all, initspec.Key)
	}
	post := api.InstancesPost{Name: name, Type: api.InstanceTypeContainer, Source: api.InstanceSource{Type: "image", Alias: image}}
	post.Config = all
	post.Devices = map[string]map[string]string{
		"eth0": {"type": "nic", "name": "eth0", "network": b.network(t), "ipv6.address": "none"},
		"init": {"type": "disk", "pool": pool, "source": volume + "/icc-init", "path": initspec.Path, "readonly": "true"},
		"run":  {"type": "disk", "pool": pool, "source": volume + "/" + name, "path": initspec.Dir},
	}
	done(t)(b.server.CreateInstance(post))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the state was %+v", c.state(t))
		}
		c.removed(t)
		b.remove(t, name)
	})
	return c
}

// removed stops and deletes the container. One that ends by itself at this moment can be stopped no more and deleted not yet.
func (c container) removed(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if op, err := c.server.UpdateInstanceState(c.name, api.InstanceStatePut{Action: "stop", Force: true}, ""); err == nil {
			_ = op.Wait() // it may be stopped already
		}
		op, err := c.server.DeleteInstance(c.name)
		if err == nil {
			err = op.Wait()
		}
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("removing %s: %v", c.name, err)
		}
	}
}

// remove removes a container's directory.
func (b bench) remove(t *testing.T, name string) {
	t.Helper()
	files := b.files(t)
	defer func() { _ = files.Close() }()
	if err := files.RemoveAll(name); err != nil {
		t.Error(err)
	}
}

func (b bench) network(t *testing.T) string {
	t.Helper()
	profile, _, err := b.server.GetProfile("default")
	if err != nil {
		t.Fatal(err)
	}
	return profile.Devices["eth0"]["network"]
}

// done waits for an operation.
func done(t *testing.T) func(incus.Operation, error) {
	return func(op incus.Operation, err error) {
		t.Helper()
		if err == nil {
			err = op.Wait()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// put changes the instance's state; that it already has it is fine.
func (c container) put(t *testing.T, action string, timeout int, force bool) time.Duration {
	t.Helper()
	start := time.Now()
	op, err := c.server.UpdateInstanceState(c.name, api.InstanceStatePut{Action: action, Timeout: timeout, Force: force}, "")
	if err == nil {
		err = op.Wait()
	}
	// Of a container that has ended while it was still being started, what counts is the state file, which the tests read.
	if err != nil && !(action == "start" && sdkincus.IsEndedEarly(err)) && !strings.Contains(err.Error(), "already") {
		t.Fatalf("%s: %v", action, err)
	}
	return time.Since(start)
}

func (c container) start(t *testing.T) { t.Helper(); c.put(t, "start", 10, false) }

// stop stops as icc does and returns how long that took. It fails when the end does not come within a minute.
func (c container) stop(t *testing.T) time.Duration { t.Helper(); return c.put(t, "stop", 60, false) }

func (c container) state(t *testing.T) initspec.State {
	t.Helper()
	var s initspec.State
	content := c.read(t, c.name+"/"+initspec.StateFile)
	if err := json.Unmarshal(content, &s); err != nil {
		t.Fatalf("%v in %q", err, content)
	}
	return s
}

// until waits for a state.
func (c container) until(t *testing.T, what string, is func(initspec.State) bool) initspec.State {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		files := c.files(t)
		_, err := files.Stat(c.name + "/" + initspec.StateFile)
		_ = files.Close()
		if err == nil {
			if s := c.state(t); is(s) {
				return s
			}
		}
		if time.Now().After(end) {
			t.Fatalf("it was never %s; console: %s", what, c.console(t, ""))
		}
	}
}

func (c container) untilEnd(t *testing.T) initspec.State {
	t.Helper()
	return c.until(t, "ended", func(s initspec.State) bool { return s.Ended() })
}

// started starts the container and waits for output that contains the text.
func (c container) started(t *testing.T, text string) {
	t.Helper()
	c.start(t)
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never said %q", text)
		}
		files := c.files(t)
		_, err := files.Stat(c.name + "/" + initspec.LogDir)
		_ = files.Close()
		if err == nil && strings.Contains(c.output(t, ""), text) {
			return
		}
	}
}

// output returns what the service has said on the stream, or on both for "".
func (c container) output(t *testing.T, stream string) string {
	t.Helper()
	files := c.files(t)
	defer func() { _ = files.Close() }()
	list, err := files.ReadDir(c.name + "/" + initspec.LogDir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range list {
		names = append(names, f.Name())
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		for line := range bytes.Lines(c.read(t, c.name+"/"+initspec.LogDir+"/"+name)) {
			e, err := initspec.ParseEntry(bytes.TrimSuffix(line, []byte{'\n'}))
			if err != nil || stream != "" && e.Stream != stream {
				continue
			}
			b.Write(e.Text)
			if !e.Partial {
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

// console waits until the container's console has the text, and returns what it has. While the container is just ending,
// nobody has it, or not yet what is in it.
func (c container) console(t *testing.T, text string) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		r, err := c.server.GetInstanceConsoleLog(c.name, &incus.InstanceConsoleLogArgs{})
		if err != nil && time.Now().After(end) {
			return err.Error()
		}
		if err != nil {
			continue
		}
		content, _ := io.ReadAll(r)
		if strings.Contains(string(content), text) || time.Now().After(end) {
			return string(content)
		}
	}
}
