package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/urfave/cli/v2"
)

// runEnvironment returns the variables of --env-from-file and --env; the latter win.
func runEnvironment(c *cli.Context) ([]string, error) {
	var env []string
	if files := c.StringSlice("env-from-file"); len(files) > 0 {
		values, err := dotenv.GetEnvFromFile(processEnvironment(), files)
		if err != nil {
			return nil, &usageError{command: "run", text: fmt.Sprintf("--env-from-file: %v", err)}
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			env = append(env, name+"="+values[name])
		}
	}
	for _, pair := range c.StringSlice("env") {
		if name, _, _ := strings.Cut(pair, "="); name == "" {
			return nil, &usageError{command: "run", text: fmt.Sprintf("--env %q has no name", pair)}
		}
		env = append(env, pair)
	}
	return env, nil
}

func processEnvironment() map[string]string {
	env := make(map[string]string)
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}

// splitCommand takes a command apart like a shell, and like compose files do.
func splitCommand(text string) ([]string, error) {
	var words types.ShellCommand
	err := words.DecodeMapstructure(text)
	if words == nil {
		words = types.ShellCommand{}
	}
	return words, err
}
