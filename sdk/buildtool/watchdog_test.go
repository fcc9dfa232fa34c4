package buildtool

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// killMe names the file in which the plugin that TestNothingSurvivesAPluginThatIsKilled kills keeps its tool's processes.
const killMe = "ICC_TEST_KILL_ME"

func TestNothingSurvivesAPluginThatIsKilled(t *testing.T) {
	t.Parallel()
	if pids := os.Getenv(killMe); pids != "" {
		// The plugin. Its tool ends by the death signal and leaves a child that does not listen.
		const script = "(trap '' TERM; echo x > $PIDS.2; sleep infinity; sleep infinity) & echo $! > $PIDS; echo $$ >> $PIDS; wait"
		_ = runGroup(context.Background(), command{path: "/bin/sh", args: []string{"-c", script}, env: []string{"PIDS=" + pids}})
		return
	}
	pids := filepath.Join(t.TempDir(), "pids")
	plugin := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	plugin.Env = append(os.Environ(), killMe+"="+pids)
	if err := plugin.Start(); err != nil {
		t.Fatal(err)
	}
	wait := func(what string, holds func() bool) {
		for end := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal(what)
			}
		}
	}
	wait("the tool does not start", func() bool {
		_, err := os.Stat(pids + ".2")
		return err == nil && len(numbers(pids)) == 2
	})
	if err := plugin.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = plugin.Wait() // it was killed
	for _, pid := range numbers(pids) {
		wait("a process of the tool is still there", func() bool { return !alive(pid) })
	}
}
