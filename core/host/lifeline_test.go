package host

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/wire"
)

// A plugin ends with its lifeline alone, even if its host never connected and no parent-death signal comes.
func TestAPluginEndsWithItsLifeline(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	install(t, dir, "alpha")
	theirs, ours, err := os.Pipe()
	must(t, err)
	handshake := wire.Handshake()
	cmd := exec.Command(filepath.Join(dir, prefix+"alpha"))
	cmd.Env = []string{
		handshake.MagicCookieKey + "=" + handshake.MagicCookieValue, wire.LifelineEnv + "=3",
		"PLUGIN_PROTOCOL_VERSIONS=1", "PLUGIN_UNIX_SOCKET_DIR=" + shortDir(t),
	}
	cmd.ExtraFiles = []*os.File{theirs}
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	_ = theirs.Close()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "1|1|unix|") {
		t.Fatalf("handshake %q, %v", line, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("it ended by itself: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	_ = ours.Close()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("it goes on without its host")
		_ = cmd.Process.Kill()
	}
}
