package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tests here run one after the other: the library keeps a help flag that all apps write to.

func TestMistakesOnTheCommandLineAreExplained(t *testing.T) {
	tests := []struct{ name, in, text, hint string }{
		{"a command that is misspelt", "icc upp", `there is no command "upp"`, "did you mean \"up\"? `icc --help` lists the commands"},
		{"a command that is nothing like one", "icc frobnicate", `there is no command "frobnicate"`, "see `icc --help`"},
		{"instances to make anew and to leave", "icc create --force-recreate --no-recreate", "--force-recreate and --no-recreate exclude each other", "see `icc create --help`"},
		{"dependencies to make anew and to leave", "icc up --always-recreate-deps --no-recreate", "--always-recreate-deps and --no-recreate exclude each other", "see `icc up --help`"},
		{"volumes to renew in instances to leave", "icc plan -V --no-recreate", "--renew-anon-volumes and --no-recreate exclude each other", "see `icc plan --help`"},
		{"a scale of nothing", "icc scale", "scale needs at least one SERVICE=NUMBER", "see `icc scale --help`"},
		{"a scale without a number", "icc scale web", `"web" is not of the form SERVICE=NUMBER`, "see `icc scale --help`"},
		{"a watch", "icc up --watch", "icc does not watch files", "mount the sources into the service, or run `icc up -d --build` after a change"},
		{"a command of docker compose that is no misspelling", "icc stats", `there is no command "stats"`, "use `incus top`"},
		{"a signal that is none", "icc kill -s SIGNONE", `"SIGNONE" is no signal`, "write a name like SIGTERM or HUP, or a number from 1 to 64"},
		{"a time that is none", "icc logs --since yesterday", `--since "yesterday" is no time`, "write a time like 2026-11-22T13:23:37Z or 2026-11-22, or how long ago, like 90s, 42m or 3h"},
		{"an index of all services", "icc logs --index 2", "--index takes a number from 1, and one service", "see `icc logs --help`"},
		{"a run of nothing", "icc run", "run needs a service", "see `icc run --help`"},
		{"an attach to nothing", "icc attach", "attach needs one service", "see `icc attach --help`"},
		{"keys that are none", "icc attach web --detach-keys alt-x", "--detach-keys: \"alt-x\" is no key", "write characters and ctrl- with a letter or one of @ [ \\ ] ^ _, separated by commas: ctrl-p,ctrl-q"},
		{"a wait for nothing", "icc wait", "wait needs a service", "see `icc wait --help`"},
		{"a status that is none", "icc ps --status gone", `"gone" is no status`, "use one of paused, restarting, removing, running, dead, created, exited"},
		{"a filter that is none", "icc ps --filter name=x", `--filter "name=x" is not known`, "write --filter status=STATE"},
		{"an exit code from the background", "icc up -d --exit-code-from web", "--exit-code-from and --detach exclude each other", "see `icc up --help`"},
		{"an abort while waiting", "icc up --wait --abort-on-container-exit", "--abort-on-container-exit and --wait exclude each other", "see `icc up --help`"},
		{"two ways to abort", "icc up --abort-on-container-exit --abort-on-container-failure", "--abort-on-container-exit and --abort-on-container-failure exclude each other", "see `icc up --help`"},
		{"two ways to attach", "icc up --attach web --attach-dependencies", "--attach and --attach-dependencies exclude each other", "see `icc up --help`"},
		{"help on a command that is not there", "icc help pss", `there is no command "pss"`, "did you mean \"ps\"? `icc --help` lists the commands"},
		{"a flag that is misspelt", "icc up web --dettach", "up: there is no flag --dettach", "did you mean --detach?"},
		{"a flag that is nothing like one", "icc up --frobnicate", "up: there is no flag --frobnicate", "see `icc up --help`"},
		{"a short flag", "icc up -x", "up: there is no flag -x", "see `icc up --help`"},
		{"a flag of a subcommand", "icc plugin list --fromat json", "plugin list: there is no flag --fromat", "did you mean --format?"},
		{"a flag of a command that has subcommands", "icc plugin --nosuch", "plugin: there is no flag --nosuch", "see `icc plugin --help`"},
		{"a global flag", "icc --profil x up", "there is no flag --profil", "did you mean --profile?"},
		{"a global flag behind the command", "icc up -d --progress plain", "up: there is no flag --progress", "it is a flag of icc itself: `icc --progress … up`"},
		{"a global flag behind a subcommand", "icc plugin list --plugin-dir x", "plugin list: there is no flag --plugin-dir", "it is a flag of icc itself: `icc --plugin-dir … plugin list`"},
		{"a flag without its value", "icc up --scale", "--scale needs a value", "see `icc up --help`"},
		{"words for a number", "icc --parallel many up", `--parallel "many" is not a whole number`, "see `icc --help`"},
		{"a value for a switch", "icc up --detach=maybe", `--detach takes true or false, not "maybe"`, "see `icc up --help`"},
		{"a mode of colours that is not known", "icc --ansi maybe up -d", `--ansi "maybe" is not known`, "use one of never, always, auto"},
		{"a format that is not known", "icc plugin list --format xml", `--format "xml" is not known; use table or json`, "see `icc plugin list --help`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp()
			app.Writer = io.Discard
			err := app.Run(permute(app, strings.Fields(tt.in)))
			var usage *usageError
			if !errors.As(err, &usage) {
				t.Fatalf("%s: %v is no usage error", tt.in, err)
			}
			if diff := cmp.Diff([]string{tt.text, tt.hint}, []string{usage.Error(), usage.Hint()}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHelpTakesACommand(t *testing.T) {
	for _, in := range []string{"icc help up", "icc up --help", "icc up web --help", "icc --help up"} {
		app, out := newApp(), &strings.Builder{}
		app.Writer = out
		if err := app.Run(permute(app, strings.Fields(in))); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if !strings.Contains(out.String(), "--remove-orphans") {
			t.Errorf("%s prints\n%s", in, out)
		}
	}
}
