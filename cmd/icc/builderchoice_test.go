package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
)

// contextOf is the context of a command with these global flags.
func contextOf(t *testing.T, args ...string) *cli.Context {
	t.Helper()
	set := flag.NewFlagSet("icc", flag.ContinueOnError)
	for _, f := range globalFlags() {
		if err := f.Apply(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return cli.NewContext(newApp(), set, nil)
}

func TestTheNearestWishForABuilderCounts(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("INCUS_CONF", t.TempDir())
	t.Setenv("INCUS_REMOTE", "")
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, "icc", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	const byDefault = "builders: {default: podman}\n"
	byMachine := "builders: {default: podman, hosts: {" + machine + ": buildah}}\n"
	for name, tc := range map[string]struct {
		flag, variable, compose, config string
		want                            engine.Choice
	}{
		"the flag":                         {"docker", "a", "b", byMachine, engine.Choice{Name: "docker", By: "--builder"}},
		"the variable":                     {"", "a", "b", byMachine, engine.Choice{Name: "a", By: "ICC_BUILDER"}},
		"the compose file":                 {"", "", "b", byMachine, engine.Choice{Name: "b", By: "x-icc.builder"}},
		"the configuration of the machine": {"", "", "", byMachine, engine.Choice{Name: "buildah", By: "builders.hosts." + machine + " in " + file}},
		"the configuration of the remote": {"", "", "", "builders: {hosts: {local: docker, " + machine + ": buildah}}",
			engine.Choice{Name: "docker", By: "builders.hosts.local in " + file}},
		"the configuration of all": {"", "", "", byDefault, engine.Choice{Name: "podman", By: "builders.default in " + file}},
		"nobody":                   {"", "", "", "", engine.Choice{}},
	} {
		t.Setenv("ICC_BUILDER", tc.variable)
		if err := os.WriteFile(file, []byte(tc.config), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := chooseBuilder(contextOf(t, "--builder", tc.flag), tc.compose)
		if err != nil || got != tc.want {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, tc.want)
		}
	}
	if err := os.WriteFile(file, []byte("builder: podman\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ICC_BUILDER", "")
	if _, err := chooseBuilder(contextOf(t), ""); err == nil || !strings.Contains(err.Error(), file+":1:1: ") {
		t.Errorf("a mistake in the file: %v", err)
	}
}
