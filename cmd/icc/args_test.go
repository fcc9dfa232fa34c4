package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func TestPermuteMovesFlagsBeforeArguments(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"flags after the service", "icc up web -d", "icc up -d -- web"},
		{"a flag with a value after the service", "icc logs web --tail 5 db", "icc logs --tail 5 -- web db"},
		{"a value with an equals sign", "icc logs web --tail=5", "icc logs --tail=5 -- web"},
		{"global flags stay in front", "icc -f a.yaml -p x up web", "icc -f a.yaml -p x up -- web"},
		{"combined short flags", "icc ps web -aq", "icc ps -aq -- web"},
		{"the last of combined short flags takes the value", "icc exec -Tu root web id", "icc exec -Tu root -- web id"},
		{"a value glued to its short flag", "icc -fa.yaml logs web -n5", "icc -f a.yaml logs -n 5 -- web"},
		{"a value glued to the last of combined short flags", "icc up -dt0 web", "icc up -d -t 0 -- web"},
		{"a glued value with an equals sign", "icc run -eA=b -e=C=d web", "icc run -e A=b -e=C=d -- web"},
		{"what is glued to a switch is no value", "icc ps -ax", "icc ps -ax"},
		{"a long flag with one dash", "icc up -timeout 5", "icc up -timeout 5"},
		{"exec's command keeps its glued flags", "icc exec web head -n5", "icc exec -- web head -n5"},
		{"exec's command keeps its flags", "icc exec -T web ls -l -a", "icc exec -T -- web ls -l -a"},
		{"exec's command keeps a double dash", "icc exec web -- sh -c x", "icc exec -- web -- sh -c x"},
		{"run's command keeps its flags", "icc run --rm -e A=b web ls -l --rm", "icc run --rm -e A=b -- web ls -l --rm"},
		{"a switch that is switched off", "icc attach web --sig-proxy=false", "icc attach --sig-proxy=false -- web"},
		{"a double dash ends the flags", "icc logs -- -odd", "icc logs -- -odd"},
		{"subcommands", "icc plugin info image --format json", "icc plugin info --format json -- image"},
		{"a command with subcommands and arguments", "icc images web -q --format json", "icc images -q --format json -- web"},
		{"a subcommand beside arguments", "icc images prune --force", "icc images prune --force"},
		{"a call for help has no arguments", "icc up web --help -d", "icc up --help"},
		{"a call for help of exec's command is the command's", "icc exec web ls --help", "icc exec -- web ls --help"},
		{"nothing to move", "icc down", "icc down"},
		{"an unknown command is left alone", "icc nope -x", "icc nope -x"},
		{"a flag that is being completed is left out", "icc up --remo --generate-bash-completion", "icc up --generate-bash-completion"},
		{"a service that is being completed stays", "icc up w --generate-bash-completion", "icc up w --generate-bash-completion"},
		{"a value that looks like a file from standard input", "icc -f - up -d", "icc -f - up -d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(permute(newApp(), strings.Fields(tt.in)), " ")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseScale(t *testing.T) {
	t.Parallel()
	got, err := parseScale("up", "--scale ", []string{"web=3", "db=0"})
	if diff := cmp.Diff(map[string]int{"web": 3, "db": 0}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"web", "web=", "=3", "web=-1", "web=x"} {
		if _, err := parseScale("up", "--scale ", []string{bad}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("--scale %s: want an error that quotes it, got %v", bad, err)
		}
	}
}

func TestFieldsOfAPlanSayWhatComesAndGoes(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]resource.FieldChange{
		"ports: 1 -> 2 (live)":      {Path: "ports", Before: "1", After: "2", Class: resource.ClassLive},
		"ports: 2 (live)":           {Path: "ports", After: "2", Class: resource.ClassLive},
		"ports: 1 goes away (live)": {Path: "ports", Before: "1", Class: resource.ClassLive},
		"key: changed (recreate)":   {Path: "key", Before: "x", Sensitive: true, Class: resource.ClassRecreate},
	} {
		if got := fieldText(f); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
