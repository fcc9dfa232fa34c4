//go:build incus

package conformance

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestArgumentsArriveAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	args := []string{
		`both ' and "`, "two\nlines", "\r",
		"plain", "two words", "", "it's", `a "quoted" word`, `back\slash`, `it's a back\slash`, "$HOME", "it's $HOME", "`id`", "it's `id`",
		"(parens)", "it's (parens)", "*;|&<>#~!", "a=b", "tab\there", "ümläut", "'", `"`, `\`, "--flag=x y", "{a,b}",
	}
	script := `for a; do echo "[$a]"; done`
	c := l.service("echo", "busybox", append([]string{"sh", "-c", script, "sh"}, args...)...)
	l.up(c)
	want := "[" + strings.Join(args, "]\n[") + "]\n"
	if diff := cmp.Diff(want, l.waitLog(c, "{a,b}]\n")); diff != "" {
		t.Errorf("the arguments (-want +got):\n%s", diff)
	}
	if got := outputs(t, l.state(c).Outputs).Command; !strings.HasSuffix(got, strings.Join(args, " ")) {
		t.Errorf("the command is shown as %q", got)
	}
}

func TestWhatIncusCannotEncodeIsRefusedBeforeAnythingHappens(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	a, b, c := l.service("a", "busybox", "echo", `both ' and "`), l.service("b", "busybox", "echo", "two\nlines"), l.sleeper("c")
	c.Environment = map[string]string{"KEY": "two\nlines"}
	for _, c := range []kinds.InstanceConfig{a, b, c} {
		c.Init = kinds.InitOff
		p := l.plan(c)
		if len(p.Diagnostics) != 1 || p.Diagnostics[0].Severity != resource.SeverityError || p.Diagnostics[0].Hint == "" {
			t.Errorf("%s: the plan finds %+v", c.Service, p.Diagnostics)
		}
		_, _, err := l.run(c, resource.ActionEnsure, resource.Options{Create: true})
		if !errors.Is(err, resource.ErrConfig) || l.state(c).Exists {
			t.Errorf("%s: ensuring it: %v", c.Service, err)
		}
	}
}

func TestCommandReplacesTheImagesAndEntrypointDropsIt(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	command := l.service("command", "redis")
	command.Command, command.CommandSet = []string{"sh", "-c", "echo as $0"}, true
	entrypoint := l.service("entrypoint", "redis")
	entrypoint.Entrypoint, entrypoint.EntrypointSet = []string{"echo", "only", "this"}, true
	for c, want := range map[*kinds.InstanceConfig]string{&command: "as sh\n", &entrypoint: "only this\n"} {
		l.up(*c)
		if got := l.waitLog(*c, want); got != want {
			t.Errorf("%s wrote %q, want %q", c.Service, got, want)
		}
	}
}

func TestTheEnvironmentIsTheImagesThenTheServices(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("env", "redis", "sh", "-c", "env; echo end; sleep 1000")
	c.Environment = map[string]string{"REDIS_VERSION": "mine", "SPACED": "a b 'c' \"d\" $e", "EQ": "a=b", "EMPTY": "", "LINES": "one\ntwo"}
	out := l.up(c)
	log := l.waitLog(c, "end\n")
	for _, want := range []string{
		"REDIS_VERSION=mine\n", "SPACED=a b 'c' \"d\" $e\n", "EQ=a=b\n", "EMPTY=\n", "LINES=one\ntwo\n", "HOSTNAME=" + out.IncusName + "\n", "PATH=/usr/local/sbin:",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the process does not have %q:\n%s", want, log)
		}
	}
	if got := l.sh(c, "echo $REDIS_VERSION-$HOSTNAME"); got != "mine-"+out.IncusName+"\n" {
		t.Errorf("exec has %q", got)
	}
}

func TestUserAndDirectoryAreDockers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const script = "echo $(id -u):$(id -g) in $(pwd); sleep 1000"
	for _, test := range []struct{ service, user, dir, want string }{
		{"default", "", "", "0:0 in /data\n"},
		{"numbers", "1234:5678", "/tmp", "1234:5678 in /tmp\n"},
		{"number", "999", "/", "999:999 in /\n"},   // the group of the user database
		{"stranger", "4321", "/", "4321:0 in /\n"}, // not in it: root's group
		{"name", "redis", "/", "999:999 in /\n"},
		{"names", "redis:daemon", "/", "999:1 in /\n"},
		{"missing", "", "/not/there", "0:0 in /not/there\n"}, // is made
	} {
		c := l.service(test.service, "redis", "sh", "-c", script)
		c.User, c.WorkingDir = test.user, test.dir
		l.up(c)
		if got := l.waitLog(c, "\n"); got != test.want {
			t.Errorf("%s: it ran as %q, want %q", test.service, got, test.want)
		}
		if got := l.sh(c, "echo $(id -u):$(id -g) in $(pwd)"); got != test.want {
			t.Errorf("%s: exec ran as %q, want %q", test.service, got, test.want)
		}
		if got := l.change(c).Class; got != resource.ClassNone {
			t.Errorf("%s: afterwards the plan says %q", test.service, got)
		}
	}
}

func TestACommandThatCannotBeRunFailsTheStart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	missing, forbidden, stranger := l.service("missing", "busybox", "nosuchcommand"), l.service("forbidden", "busybox", "/etc/passwd"), l.sleeper("stranger")
	stranger.User = "nosuchuser"
	for want, c := range map[string]kinds.InstanceConfig{"nosuchcommand": missing, "/etc/passwd": forbidden, "nosuchuser": stranger} {
		l.must(c, resource.ActionEnsure)
		_, _, err := l.run(c, resource.ActionStart, resource.Options{})
		if !errors.Is(err, resource.ErrOperation) || !strings.Contains(err.Error(), want) || resource.Hint(err) == "" {
			t.Errorf("%s: the error is %v, its hint %q", c.Service, err, resource.Hint(err))
		}
		eventually(t, c.Service+" has ended", func() bool { return l.state(c).Status == resource.StatusStopped })
	}
}

func TestAJobThatIsDoneAtOnceIsFine(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, script := range []string{"true", "exit 3"} {
		c := l.service("job", "busybox", "sh", "-c", script)
		l.must(c, resource.ActionEnsure)
		for range 3 {
			_, s, err := l.run(c, resource.ActionStart, resource.Options{})
			if err != nil || len(s.notices) > 0 {
				t.Errorf("starting %q: %v, %v", script, err, s.notices)
			}
			eventually(t, "it has ended", func() bool { return l.state(c).Status == resource.StatusStopped })
		}
	}
}

func TestWithoutIccInitACommandThatEndsAtOnceIsTold(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	missing := l.service("missing", "busybox", "nosuchcommand")
	job := l.service("job", "busybox", "sh", "-c", "echo the last words; exit 3")
	for _, test := range []struct {
		config kinds.InstanceConfig
		want   string
	}{{missing, `does its command "nosuchcommand" exist`}, {job, "the last words"}} {
		test.config.Init = kinds.InitOff
		l.must(test.config, resource.ActionEnsure)
		_, s, err := l.run(test.config, resource.ActionStart, resource.Options{})
		if err != nil {
			t.Errorf("%s: starting: %v", test.config.Service, err)
		}
		// A start may return a moment before the process ends; then there is nothing to tell yet.
		if told := strings.Join(s.notices, "\n"); told != "" && !strings.Contains(told, test.want) {
			t.Errorf("%s: want a notice with %q, got %q", test.config.Service, test.want, told)
		}
		eventually(t, test.config.Service+" has ended", func() bool { return l.state(test.config).Status == resource.StatusStopped })
	}
	job.Init = kinds.InitOff
	l.waitLog(job, "the last words")
}
