//go:build incus

package main_test

import (
	"testing"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestExecRunsAsTheServiceWould(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh(`echo up; while :; do sleep 1; done`), Env: []string{"A=service", "B=service"}, User: "mail", Cwd: "/tmp", CapDrop: []string{"ALL"}, Grace: grace(0),
	}, nil)
	c.started(t, "up")
	for name, tc := range map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"as the service": {[]string{"--", "sh", "-c", `id -un; pwd; echo $A $B $HOME; grep CapBnd /proc/self/status; exit 9`}, 9,
			"mail\n/tmp\nservice service /var/spool/mail\nCapBnd:\t0000000000000000\n", ""},
		"with changes": {[]string{"-u", "www-data", "-w", "/var/www", "-e", "A=x\ny", "-e", "C=", "--", "sh", "-c", `id -un; pwd; echo "$A $B $HOME"`}, 0,
			"www-data\n/var/www\nx\ny service /var/www\n", ""},
		"a program that is missing": {[]string{"--", "nosuch"}, 127, "", "exec: \"nosuch\": executable file not found in $PATH\n"},
		"a program that is none":    {[]string{"--", "/etc/group"}, 126, "", "exec: \"/etc/group\": permission denied\n"},
		"an unknown user":           {[]string{"-u", "nosuch", "--", "id"}, 126, "", "unknown user \"nosuch\"\n"},
		"no command":                {[]string{"-u", "mail"}, 126, "", "usage: exec [-d] [-u USER[:GROUP]] [-w DIR] [-e NAME=VALUE]… -- COMMAND…\n"},
	} {
		code, stdout, stderr := c.exec(t, append([]string{initspec.Path, initspec.AppletExec}, tc.args...)...)
		if code != tc.code || stdout != tc.stdout || stderr != tc.stderr {
			t.Errorf("%s: got %d, %q, %q", name, code, stdout, stderr)
		}
	}
}
