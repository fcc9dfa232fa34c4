package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
)

func TestAPluginStartedByHandSaysWhatItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	install(t, dir, "alpha")
	path := filepath.Join(dir, prefix+"alpha")
	var stderr bytes.Buffer
	cmd := exec.Command(path)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || len(out) > 0 || !strings.Contains(stderr.String(), "started by icc") {
		t.Errorf("%v, stdout %q, stderr %q", err, out, stderr.String())
	}
	out, err = exec.Command(path, "describe").Output()
	var d sdk.Description
	if err != nil || json.Unmarshal(out, &d) != nil || d.Name != "alpha" {
		t.Errorf("describe: %v, %q", err, out)
	}
}
