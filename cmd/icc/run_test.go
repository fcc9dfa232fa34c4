package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
)

// oneOffOfLine reads a command line of `icc run`.
func oneOffOfLine(t *testing.T, args ...string) (one *compose.OneOff, err error) {
	t.Helper()
	app := newApp()
	for _, c := range app.Commands {
		if c.Name == "run" {
			c.Action = func(c *cli.Context) error {
				one, err = oneOffOf(c)
				return nil
			}
		}
	}
	if err := app.Run(permute(app, append([]string{"icc", "run"}, args...))); err != nil {
		t.Fatal(err)
	}
	return one, err
}

func TestRunTakesDockersFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte("A=file\nB='two\nlines'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	got, err := oneOffOfLine(t, "--rm", "-T", "-e", "A=line", "-e", "LINES=\n two\n", "-e", "HANDED_ON", "--env-from-file", file, "-l", "x=y", "-v", "./a:/a", "-p", "8080:80",
		"-P", "--use-aliases", "--name", "mine", "--entrypoint", `sh -c "a b"`, "-u", "1:2", "-w", "/w", "--cap-add", "NET_ADMIN", "web", "ls", "-l", "--rm")
	if err != nil {
		t.Fatal(err)
	}
	want := &compose.OneOff{
		Service: "web", Command: []string{"ls", "-l", "--rm"}, Entrypoint: []string{"sh", "-c", "a b"},
		Environment: []string{"A=file", "B=two\nlines", "A=line", "LINES=\n two\n", "HANDED_ON"}, User: "1:2", WorkingDir: "/w", Volumes: []string{"./a:/a"}, Directory: here,
		Publish: []string{"8080:80"}, ServicePorts: true, UseAliases: true, Name: "mine", Labels: []string{"x=y"}, CapAdd: []string{"NET_ADMIN"}, StdinOpen: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRunKeepsWhatItIsNotTold(t *testing.T) {
	got, err := oneOffOfLine(t, "-d", "web")
	if err != nil || got.Command != nil || got.Entrypoint != nil || got.StdinOpen || got.TTY || !got.Detached {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = oneOffOfLine(t, "--entrypoint", "", "web"); err != nil || got.Entrypoint == nil || len(got.Entrypoint) > 0 {
		t.Errorf("an empty entrypoint becomes %#v, %v", got, err)
	}
	if _, err := oneOffOfLine(t, "-e", "=x", "web"); err == nil {
		t.Error("a variable without a name is taken")
	}
}
