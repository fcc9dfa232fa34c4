package testbed

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Command prepares a command that runs on the server's host: in its network namespace, with its environment and
// this machine's files. Its process is the command's own, so signals reach it.
func (h Host) Command(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()

	return h.command(name, args...)
}

func (h Host) command(name string, args ...string) *exec.Cmd {
	command := exec.Command("nsenter", append([]string{"--net=/run/netns/" + h.Netns, "--", name}, args...)...)
	command.Env = slices.Clone(h.env)

	return command
}

// Output runs a command as Command does, fails the test when it fails, and returns its standard output.
func (h Host) Output(t testing.TB, name string, args ...string) string {
	t.Helper()

	command := h.Command(t, name, args...)

	var stdout, stderr bytes.Buffer

	command.Stdout, command.Stderr = &stdout, &stderr

	if err := command.Run(); err != nil {
		t.Fatalf("running %s %s: %v\n%s%s", name, strings.Join(args, " "), err, stdout.String(), stderr.String())
	}

	return stdout.String()
}

// readEnv reads the lines "export KEY=VALUE" of a server's env file; PATH stands apart there and is not read.
func readEnv(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("there is no such server: %w", err)
	}

	env := map[string]string{}

	for line := range strings.Lines(string(data)) {
		line, exported := strings.CutPrefix(strings.TrimSpace(line), "export ")
		if key, value, ok := strings.Cut(line, "="); exported && ok {
			env[key] = value
		}
	}

	env["PATH"] = filepath.Join(filepath.Dir(path), "bin") + ":" + os.Getenv("PATH")

	return env, nil
}

// environ is this process' environment with what env sets on top.
func environ(env map[string]string) []string {
	all := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		key, _, _ := strings.Cut(entry, "=")
		_, overridden := env[key]

		return overridden
	})

	for _, key := range slices.Sorted(maps.Keys(env)) {
		all = append(all, key+"="+env[key])
	}

	return all
}

// bedPath is the path of the bed script beside this file.
func bedPath() string {
	_, file, _, _ := runtime.Caller(0)

	return filepath.Join(filepath.Dir(file), "bed")
}
