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
		script   string
		patience time.Duration // what nobody is to wait for is longer than the test
		atLeast  time.Duration
	}{
		"who listens ends at once":             {"sleep infinity & echo $! > $PIDS; echo $$ >> $PIDS; wait", 10 * time.Minute, 0},
		"who does not listen is killed":        {"trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $! > $PIDS; echo $$ >> $PIDS; while :; do sleep 1; done", grace, grace},
		"a deaf child of a listener is killed": {"(trap '' TERM; : > $PIDS.deaf; while :; do sleep 1; done) & until test -e $PIDS.deaf; do sleep 0.01; done; echo $! > $PIDS; echo $$ >> $PIDS; wait", grace, grace},
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
			err := runGroup(ctx, command{path: "/bin/sh", args: []string{"-c", test.script}, env: []string{"PIDS=" + pids}, patience: test.patience})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
			if took := time.Since(start); took < test.atLeast || took > 2*time.Minute {
				t.Errorf("it took %v, want %v", took, test.atLeast)
			}
			for _, pid := range numbers(pids) {
				ends(t, pid)
			}
		})
	}
}

func TestRunGroupLeavesNoBackground(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	var out bytes.Buffer
	err := runGroup(t.Context(), command{
		path: "/bin/sh", args: []string{"-c", "sleep infinity >/dev/null 2>&1 & echo $! > $PIDS; echo done"}, env: []string{"PIDS=" + pids}, stdout: &out,
	})
	if err != nil || out.String() != "done\n" {
		t.Errorf("got %v, %q", err, out.String())
	}
	list := numbers(pids)
	if len(list) != 1 {
		t.Fatalf("the processes are %v", list)
	}
	ends(t, list[0])
}

// ends waits for a process that was killed, with which the kernel may take a moment.
func ends(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %d is still there", pid)
		}
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
