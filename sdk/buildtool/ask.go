package buildtool

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// Ask runs a tool of the host and returns what it prints. Errors say that it is not installed, or repeat its last words.
func Ask(ctx context.Context, tool string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(tool)
	if err != nil {
		return nil, fmt.Errorf("%s is not installed", tool)
	}
	var stdout, stderr bytes.Buffer
	if err := runGroup(ctx, command{path: path, args: args, stdout: &stdout, stderr: &stderr}); err != nil {
		return stdout.Bytes(), fmt.Errorf("%s does not work: %s", tool, LastLine(stderr.String(), err))
	}
	return stdout.Bytes(), nil
}

// AtLeast returns an error if a version is before the given one; parts that are no numbers count as 0.
func AtLeast(tool, version string, major, minor int) error {
	parts := strings.SplitN(version, ".", 3)
	have := [2]int{}
	for i := range min(len(parts), len(have)) {
		have[i], _ = strconv.Atoi(parts[i])
	}
	if have[0] > major || have[0] == major && have[1] >= minor {
		return nil
	}
	return fmt.Errorf("%s %s is too old, version %d.%d or later is needed", tool, version, major, minor)
}
