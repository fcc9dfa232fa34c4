package launch

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// run executes argv with env; it returns only when that fails. The program is looked up as the user who runs it.
func run(argv, env []string) *Failure {
	if len(argv) == 0 || argv[0] == "" {
		return cannotRun("no command specified")
	}
	name := argv[0]
	if strings.Contains(name, "/") {
		if _, err := os.Stat(name); err != nil {
			f := cannotRun("exec: %q: %v", name, err)
			if os.IsNotExist(err) {
				f.Code = CodeNotFound
			}
			return f
		}
		return try(name, argv, env)
	}
	path, _ := lookup(env, "PATH")
	var denied *Failure
	for dir := range strings.SplitSeq(path, ":") {
		if dir == "" {
			dir = "."
		}
		file := strings.TrimRight(dir, "/") + "/" + name
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			continue
		}
		if denied = try(file, argv, env); denied.Text != permissionDenied(file) {
			return denied
		}
	}
	if denied != nil {
		return denied
	}
	return &Failure{Code: CodeNotFound, Text: fmt.Sprintf("exec: %q: executable file not found in $PATH", name)}
}

func try(file string, argv, env []string) *Failure {
	err := syscall.Exec(file, argv, env)
	if err == syscall.EACCES {
		return cannotRun("%s", permissionDenied(file))
	}
	return execFailure(file, argv, env, err)
}

func permissionDenied(file string) string { return fmt.Sprintf("exec: %q: permission denied", file) }

// lookup returns the last value of a variable, as programs see it.
func lookup(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// defaultPath is Docker's.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// complete adds the variables every Docker container has to those of the spec.
func complete(env []string, home string, tty bool) []string {
	add := func(name, value string) {
		if _, ok := lookup(env, name); !ok && value != "" {
			env = append(env, name+"="+value)
		}
	}
	add("PATH", defaultPath)
	if host, err := os.Hostname(); err == nil {
		add("HOSTNAME", host)
	}
	if tty {
		add("TERM", "xterm")
	}
	add("HOME", home)
	return env
}
