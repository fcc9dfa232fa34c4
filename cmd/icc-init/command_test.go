//go:build incus

package main_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/initspec"
)

// said runs a container to its end and returns its output.
func (c container) said(t *testing.T) string {
	t.Helper()
	c.start(t)
	if s := c.untilEnd(t); s.Phase != initspec.PhaseExited || s.ExitCode != 0 {
		t.Fatalf("it ended with %+v, having said %s", s, c.output(t, ""))
	}
	return c.output(t, "")
}

func TestArgumentsAndEnvironmentArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	argument := "a 'single' and a \"double\" quote\nand a $second line\t\\"
	var env []string
	for n := range 20 {
		env = append(env, "BIG"+string(rune('A'+n))+"="+strings.Repeat("x", 10<<10))
	}
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: []string{"sh", "-c", `printf '<%s>' "$1" "$LINES"; env | grep ^BIG | wc -c; pwd`, "sh", argument},
		Env:  append(env, "LINES="+argument), Cwd: "/made/for it",
	}, nil)
	want := "<" + argument + "><" + argument + ">" + "204920\n/made/for it\n"
	if out := c.said(t); out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestWhoTheCommandIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, tc := range map[string]struct {
		spec initspec.Spec
		want string
	}{
		"root":              {initspec.Spec{}, "0 0 0 10 /root"},
		"a name":            {initspec.Spec{User: "mail"}, "8 8 8 /var/spool/mail"},
		"name and group":    {initspec.Spec{User: "mail:users"}, "8 100 100 /var/spool/mail"},
		"an unknown number": {initspec.Spec{User: "4242"}, "4242 0 0 /"},
		"more groups":       {initspec.Spec{User: "mail", Groups: []string{"www-data", "5555"}}, "8 8 8 33 5555 /var/spool/mail"},
		"a home of its own": {initspec.Spec{User: "mail", Env: []string{"HOME=/tmp"}}, "8 8 8 /tmp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The second line shows that the user may open its own streams by name.
			tc.spec.Argv = sh(`echo $(id -u) $(id -g) $(id -G) $HOME; echo opened >/dev/stderr`)
			c := b.create(t, "busybox", tc.spec, nil)
			c.said(t)
			if out := c.output(t, initspec.Stdout); out != tc.want+"\n" {
				t.Errorf("got %q, want %q", out, tc.want)
			}
			if out := c.output(t, initspec.Stderr); out != "opened\n" {
				t.Errorf("got %q", out)
			}
		})
	}
}

func TestAnUnknownUserIsAFailedStart(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{Argv: []string{"true"}, User: "nosuch"}, nil)
	c.start(t)
	if s := c.untilEnd(t); s.Phase != initspec.PhaseFailed || s.ExitCode != 126 || s.Error != `unknown user "nosuch"` {
		t.Errorf("got %+v", s)
	}
}

func TestPrivilegesAreGivenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const status = `grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status | tr -d '\n\t'; umask; cat /proc/self/oom_score_adj`
	for name, tc := range map[string]struct {
		spec initspec.Spec
		want string
	}{
		"all but two are dropped": {initspec.Spec{CapDrop: []string{"ALL"}, CapAdd: []string{"CHOWN", "cap_net_raw"}},
			"CapInh:0000000000000000CapPrm:0000000000002001CapEff:0000000000002001CapBnd:0000000000002001CapAmb:0000000000000000NoNewPrivs:00022\n0\n"},
		"all are dropped, and more": {initspec.Spec{CapDrop: []string{"ALL"}, NoNewPrivileges: true, Umask: "077", OOMScoreAdj: 500},
			"CapInh:0000000000000000CapPrm:0000000000000000CapEff:0000000000000000CapBnd:0000000000000000CapAmb:0000000000000000NoNewPrivs:10077\n500\n"},
		"another user has none": {initspec.Spec{User: "mail", CapDrop: []string{"ALL"}, CapAdd: []string{"CHOWN"}},
			"CapInh:0000000000000000CapPrm:0000000000000000CapEff:0000000000000000CapBnd:0000000000000001CapAmb:0000000000000000NoNewPrivs:00022\n0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.spec.Argv = sh(status)
			if out := b.create(t, "busybox", tc.spec, nil).said(t); out != tc.want {
				t.Errorf("got  %q\nwant %q", out, tc.want)
			}
		})
	}
}

func TestAReadOnlyRootLeavesMountsWritable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.create(t, "busybox", initspec.Spec{
		ReadOnly: true, Cwd: "/work/dir", Resolvers: []string{"10.9.8.7"},
		Argv: sh(`touch /x 2>&1; touch /etc/x 2>&1; for f in hosts resolv.conf; do (echo x >>/etc/$f) 2>&1; done; touch /dev/shm/x && echo shm; touch /.icc/x && echo volume; pwd`),
	}, nil)
	want := "touch: /x: Read-only file system\ntouch: /etc/x: Read-only file system\nsh: can't create /etc/hosts: Read-only file system\nsh: can't create /etc/resolv.conf: Read-only file system\nshm\nvolume\n/work/dir\n"
	if out := c.said(t); out != want {
		t.Errorf("got %q", out)
	}
}

func TestAReadOnlyRootWorksInAnEmptyImage(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "scratchtest", initspec.Spec{
		ReadOnly: true, Argv: []string{"/scratchtest", "-exit", "0"}, User: "65534:65534", Hostname: "empty",
	}, nil)
	if out := c.said(t); out != "exiting with 0\n" {
		t.Errorf("got %q", out)
	}
}

func TestNamesOfTheContainerAndOfOthers(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Hostname: "web", Domainname: "example.org", Hosts: []string{"db=10.9.8.7", "gate=host-gateway"}, DNSOptions: []string{"ndots:3"},
		User: "mail", Env: []string{"X=1"},
		Argv: sh(`hostname; cat /etc/hostname; echo $HOSTNAME; hostname -f; grep -c web.example.org /etc/hosts; grep db /etc/hosts; grep gate /etc/hosts;
			grep -o ndots:3 /etc/resolv.conf; cat /proc/sys/net/ipv4/ip_unprivileged_port_start`),
	}, nil)
	lines := strings.Split(c.said(t), "\n")
	if len(lines) != 10 || !strings.HasSuffix(lines[6], "\tgate") || !strings.HasPrefix(lines[6], "10.") {
		t.Fatalf("got %q", lines)
	}
	want := []string{"web", "web", "web", "web.example.org", "1", "10.9.8.7\tdb", lines[6], "ndots:3", "0", ""}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q", lines)
	}
}

func TestStreamsAreATerminalOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	const script = `for fd in 0 1 2; do [ -t $fd ] && echo "$fd is a terminal"; done; read line || echo end; tty; echo $TERM; echo error >&2`
	b := newBench(t)
	pipes := b.create(t, "busybox", initspec.Spec{Argv: sh(script)}, nil)
	pipes.said(t)
	if out := pipes.output(t, initspec.Stdout); out != "end\nnot a tty\n\n" {
		t.Errorf("with pipes it says %q", out)
	}
	if out := pipes.output(t, initspec.Stderr); out != "error\n" {
		t.Errorf("on stderr it says %q", out)
	}
}

func TestATerminalIsTheControllingOne(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		TTY: true, User: "mail",
		Argv: sh(`for fd in 0 1 2; do [ -t $fd ] && echo "$fd is a terminal"; done; tty; echo $TERM; stty size; echo direct >/dev/tty; echo named >/dev/stdout`),
	}, nil)
	out := strings.ReplaceAll(c.said(t), "\r", "")
	if want := "0 is a terminal\n1 is a terminal\n2 is a terminal\n/dev/pts/"; !strings.HasPrefix(out, want) || !strings.HasSuffix(out, "\nxterm\n24 80\ndirect\nnamed\n") {
		t.Errorf("it says %q", out)
	}
}
