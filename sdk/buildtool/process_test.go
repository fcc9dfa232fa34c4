package buildtool

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRunGroupEndsEverybody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script  string
		atLeast time.Duration
	}{
		"who listens ends at once":             {"sleep 100 & echo $! > $PIDS; echo $$ >> $PIDS; wait", 0},
		"who does not listen is killed":        {"trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $! > $PIDS; echo $$ >> $PIDS; while :; do sleep 1; done", grace},
		"a deaf child of a listener is killed": {"(trap '' TERM; : > $PIDS.deaf; while :; do sleep 1; done) & until test -e $PIDS.deaf; do sleep 0.01; done; echo $! > $PIDS; echo $$ >> $PIDS; wait", grace},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pids := filepath.Join(t.TempDir(), "pids")
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for len(numbers(pids)) < 2 {
					time.Sleep(10 * time.Millisecond)
				}
				cancel()
			}()
			start := time.Now()
			err := runGroup(ctx, command{path: "/bin/sh", args: []string{"-c", test.script}, env: []string{"PIDS=" + pids}})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
			if took := time.Since(start); took < test.atLeast || took > test.atLeast+4*time.Second {
				t.Errorf("it took %v, want %v", took, test.atLeast)
			}
			for _, pid := range numbers(pids) {
				if alive(pid) {
					t.Errorf("process %d is still there", pid)
				}
			}
		})
	}
}

func TestRunGroupLeavesNoBackground(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	var out bytes.Buffer
	err := runGroup(t.Context(), command{
		path: "/bin/sh", args: []string{"-c", "sleep 100 >/dev/null 2>&1 & echo $! > $PIDS; echo done"}, env: []string{"PIDS=" + pids}, stdout: &out,
	})
	if err != nil || out.String() != "done\n" {
		t.Errorf("got %v, %q", err, out.String())
	}
	time.Sleep(100 * time.Millisecond)
	if list := numbers(pids); len(list) != 1 || alive(list[0]) {
		t.Errorf("processes %v are still there", list)
	}
}

// numbers reads process ids from a file.
func numbers(file string) []int {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var out []int
	for _, field := range strings.Fields(string(content)) {
		if n, err := strconv.Atoi(field); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// alive says whether a process runs. One that nobody has reaped yet does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
