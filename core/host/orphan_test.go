package host

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// childEnv makes the test binary a host that is to be killed; see TestMain.
const childEnv = "ICC_TEST_HOST"

// victim is that host: it uses the plugins as told and prints the process numbers that must not survive it. Its
// arguments are the plugin, cache and runtime directories and the scene.
func victim(args []string) {
	dir, cache, runtime, scene := args[0], args[1], args[2], args[3]
	h := New(Options{Dirs: []string{dir}, CacheDir: cache, RuntimeDir: runtime})
	ctx := context.Background()
	if scene == "hang" {
		h.Prefetch("hang")
		for { // until the process is there
			if pids := childrenOf(os.Getpid()); len(pids) > 0 {
				fmt.Println("pid", pids[0])
				break
			}
		}
		fmt.Println("ready")
		select {}
	}
	p, err := h.Provider(ctx, "alpha")
	if err != nil {
		fmt.Println("error", err)
		return
	}
	print := func(action resource.Action, arg string) {
		res, err := run(ctx, p, action, arg)
		if err != nil {
			fmt.Println("error", err)
			return
		}
		fmt.Println("pid", string(res.Outputs))
	}
	print("pid", "")
	switch scene {
	case "child":
		print("spawn", "3600")
	case "deaf child":
		print("spawn-deaf", "3600")
	case "tool":
		sink := &firstProgress{text: make(chan string, 1)}
		go func() {
			_, _ = p.Run(ctx, sdk.RunRequest{Action: "tool", Resource: resource.Resolved{Ref: resource.Ref{Name: cache}}}, sink)
		}()
		fmt.Println("pid", <-sink.text)
	case "stopped":
		go func() { _, _ = run(ctx, p, "stop-self", "") }()
		time.Sleep(200 * time.Millisecond)
	case "panic":
		fmt.Println("ready")
		panic("the host is broken")
	}
	fmt.Println("ready")
	select {}
}

// childrenOf returns the child processes of a process.
func childrenOf(pid int) []int {
	var out []int
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		for _, field := range strings.Fields(string(text)) {
			var child int
			if _, err := fmt.Sscan(field, &child); err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}

func TestNothingSurvivesAHostThatIsKilled(t *testing.T) {
	t.Parallel()
	for _, scene := range []string{"idle", "child", "deaf child", "tool", "stopped", "hang", "panic"} {
		t.Run(scene, func(t *testing.T) {
			t.Parallel()
			name := "alpha"
			if scene == "hang" {
				name = "hang"
			}
			dir, cache, runtime := t.TempDir(), t.TempDir(), shortDir(t)
			install(t, dir, name)
			host := exec.Command(os.Args[0], dir, cache, runtime, scene)
			host.Env = append(os.Environ(), childEnv+"=1")
			out, err := host.StdoutPipe()
			must(t, err)
			must(t, host.Start())
			var pids []int
			for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
				var pid int
				if _, err := fmt.Sscanf(lines.Text(), "pid %d", &pid); err != nil {
					t.Errorf("the host says: %s", lines.Text())
				}
				pids = append(pids, pid)
			}
			if len(pids) == 0 {
				t.Fatal("the host has started nothing")
			}
			if scene != "panic" {
				must(t, host.Process.Signal(syscall.SIGKILL))
			}
			_ = host.Wait()
			for _, pid := range pids {
				eventually(t, fmt.Sprintf("process %d of %v has ended", pid, pids), func() bool { return !runs(pid) })
			}
			if scene != "hang" { // the last plugin removes the directory
				eventually(t, "nothing is left", func() bool {
					left, _ := os.ReadDir(runtime)
					return len(left) == 0
				})
				return
			}
			// Where no plugin can, the next host does.
			left, _ := filepath.Glob(filepath.Join(runtime, "icc-*"))
			if len(left) != 1 {
				t.Errorf("the killed host left %v, which does not put the next one to the test", left)
			}
			h := New(Options{Dirs: []string{dir}, CacheDir: cache, RuntimeDir: runtime, StartTimeout: time.Second})
			h.Prefetch(resource.Kind(name))
			eventually(t, "the next host has a directory", func() bool {
				now, _ := filepath.Glob(filepath.Join(runtime, "icc-*"))
				return len(now) == 1 && now[0] != left[0]
			})
			must(t, h.Close())
			if left, _ := os.ReadDir(runtime); len(left) > 0 {
				t.Errorf("the next host leaves %v", left)
			}
		})
	}
}
