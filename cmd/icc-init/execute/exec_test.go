package execute

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestACommandDiffersFromTheServiceAsAsked(t *testing.T) {
	t.Parallel()
	service := initspec.Spec{Argv: []string{"serve"}, Env: []string{"A=1", "TERM=dumb", "AB=2"}, User: "app", Cwd: "/srv", TTY: true, CapDrop: []string{"ALL"}}
	for name, tc := range map[string]struct {
		args []string
		term string
		want initspec.Spec
	}{
		"nothing asked": {[]string{"--", "id"}, "",
			initspec.Spec{Argv: []string{"id"}, Env: []string{"A=1", "TERM=dumb", "AB=2"}, User: "app", Cwd: "/srv", CapDrop: []string{"ALL"}}},
		"the caller's terminal": {[]string{"--", "id"}, "xterm-256color",
			initspec.Spec{Argv: []string{"id"}, Env: []string{"A=1", "AB=2", "TERM=xterm-256color"}, User: "app", Cwd: "/srv", CapDrop: []string{"ALL"}}},
		"all of it": {[]string{"-u", "0:0", "-w", "/", "-e", "A=x=y\nz", "-e", "TERM=t", "--", "sh", "-c", "--"}, "xterm",
			initspec.Spec{Argv: []string{"sh", "-c", "--"}, Env: []string{"AB=2", "A=x=y\nz", "TERM=t"}, User: "0:0", Cwd: "/", CapDrop: []string{"ALL"}}},
		"root by an empty name": {[]string{"-u", "", "--", "id"}, "",
			initspec.Spec{Argv: []string{"id"}, Env: []string{"A=1", "TERM=dumb", "AB=2"}, Cwd: "/srv", CapDrop: []string{"ALL"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := parse(tc.args)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, c.apply(&service, tc.term)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if service.Env[0] != "A=1" || len(service.Env) != 3 {
		t.Errorf("the service's own environment was changed: %q", service.Env)
	}
	if c, err := parse([]string{"-d", "-u", "a", "--", "id"}); err != nil || !c.detached || *c.user != "a" {
		t.Errorf("with -d: %+v, %v", c, err)
	}
	for _, args := range [][]string{nil, {"-d"}, {"--"}, {"id"}, {"-u"}, {"-x", "y", "--", "id"}, {"-u", "a"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
