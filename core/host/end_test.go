package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// runs says whether a process exists and is more than a zombie, which nobody may reap in a container.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// closeAll closes a host and checks the time, the processes and the directory. With an ample grace, what is not ended by
// being told to takes that long.
func (b *bench) closeAll(t *testing.T, grace time.Duration, pids ...int) {
	t.Helper()
	b.grace = grace
	begun := time.Now()
	if err := b.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if took := time.Since(begun); took > ample/5 {
		t.Errorf("Close took %s with a grace of %s", took, grace)
	}
	for _, pid := range pids {
		// A busy machine may take a moment to do away with who was killed.
		for deadline := time.Now().Add(time.Minute); runs(pid) && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		if runs(pid) {
			t.Errorf("process %d is left", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(b.runtime, "*")); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
}

func TestCloseEndsEveryKindOfPlugin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, plugin string
		prepare      func(t *testing.T, p sdk.Provider, pid int) []int // returns further processes
		grace        time.Duration
	}{
		{"an idle one, at once", "alpha", nil, ample},
		{"a stopped one", "alpha", func(t *testing.T, _ sdk.Provider, pid int) []int {
			must(t, syscall.Kill(pid, syscall.SIGSTOP))
			return nil
		}, endGrace},
		{"one that ignores SIGTERM", "stubborn", nil, endGrace},
		{"one with a child", "alpha", func(t *testing.T, p sdk.Provider, _ int) []int {
			return []int{outputOf[int](t, p, "spawn", "3600")}
		}, ample},
		{"one whose child ignores SIGTERM and holds its output", "alpha", func(t *testing.T, p sdk.Provider, _ int) []int {
			return []int{outputOf[int](t, p, "spawn-deaf", "3600")}
		}, ample},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, tt.plugin)
			p := provider(t, b.Host, resource.Kind(tt.plugin))
			pid := outputOf[int](t, p, "pid", "")
			pids := []int{pid}
			if tt.prepare != nil {
				pids = append(pids, tt.prepare(t, p, pid)...)
			}
			b.closeAll(t, tt.grace, pids...)
		})
	}
}

// progressOf starts an action in the background and returns its first progress text and a channel for its error.
func progressOf(ctx context.Context, t *testing.T, p sdk.Provider, action resource.Action, arg string) (string, <-chan error) {
	t.Helper()
	sink := &firstProgress{text: make(chan string, 1)}
	done := make(chan error, 1)
	go func() {
		_, err := p.Run(ctx, sdk.RunRequest{
			Action: action, Resource: resource.Resolved{Ref: resource.Ref{Kind: "test", Name: arg}},
		}, sink)
		done <- err
	}()
	select {
	case text := <-sink.text:
		return text, done
	case err := <-done:
		t.Fatalf("%s ended early: %v", action, err)
		return "", nil
	}
}

type firstProgress struct {
	resource.Discard
	text chan string
}

func (f *firstProgress) Progress(p resource.Progress) {
	select {
	case f.text <- p.Text:
	default:
	}
}

func TestCloseLetsActionsUndoWhatTheyDid(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	file := filepath.Join(t.TempDir(), "undone")
	_, done := progressOf(t.Context(), t, provider(t, b.Host, "alpha"), "wait", file)
	b.closeAll(t, ample)
	if err := <-done; err == nil {
		t.Error("the action succeeded although the host was closed")
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the action was cut off before it could undo: %v", err)
	}
}

func TestCancellingAnActionLetsItUndo(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	file := filepath.Join(t.TempDir(), "undone")
	p := provider(t, b.Host, "alpha")
	ctx, cancel := context.WithCancel(t.Context())
	_, done := progressOf(ctx, t, p, "wait", file)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the action returned %v", err)
	}
	eventually(t, "the action has undone", func() bool { _, err := os.Stat(file); return err == nil })
	if _, err := run(t.Context(), p, "pid", ""); err != nil {
		t.Errorf("the plugin did not survive: %v", err)
	}
}

func TestCloseEndsToolsOfActionsUnderWay(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	dir := t.TempDir()
	var tool int
	text, _ := progressOf(t.Context(), t, provider(t, b.Host, "alpha"), "tool", dir)
	if _, err := fmt.Sscan(text, &tool); err != nil {
		t.Fatal(err)
	}
	b.closeAll(t, ample, tool)
	if _, err := os.Stat(filepath.Join(dir, "cleaned")); err != nil {
		t.Errorf("the plugin had no time to clean up: %v", err)
	}
}

func TestCloseCutsAStartShort(t *testing.T) {
	t.Parallel()
	b := newBench(t, "hang")
	b.Prefetch("hang")
	eventually(t, "the plugin is being started", func() bool {
		left, _ := filepath.Glob(filepath.Join(b.runtime, "*", "*"))
		return len(left) > 0
	})
	b.closeAll(t, ample)
}

func TestAnInterruptInTheTerminalDoesNotReachPlugins(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	pid := outputOf[int](t, provider(t, b.Host, "alpha"), "pid", "")
	group, err := syscall.Getpgid(pid)
	must(t, err)
	if group != pid || group == syscall.Getpgrp() {
		t.Errorf("the plugin %d is in group %d, the host's is %d", pid, group, syscall.Getpgrp())
	}
	must(t, syscall.Kill(pid, syscall.SIGINT))
	must(t, syscall.Kill(pid, syscall.SIGPIPE))
	if again := outputOf[int](t, provider(t, b.Host, "alpha"), "pid", ""); again != pid {
		t.Error("a signal ended the plugin")
	}
	if in, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", pid)); err != nil || in != "/dev/null" {
		t.Errorf("the plugin's standard input is %q (%v)", in, err)
	}
}
