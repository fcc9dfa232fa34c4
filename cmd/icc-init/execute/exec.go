package execute

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/guestapi"
	"github.com/icc-project/icc/cmd/icc-init/launch"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/sdk/initspec"
)

// patience for the guest API of a container that is already running.
const patience = 2 * time.Second

// Run is the applet exec. It returns an exit code only when the command cannot be run, or is detached and runs.
func Run(args []string) int {
	change, err := parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return launch.CodeCannotRun
	}
	spec, err := guestapi.Client{Socket: initspec.GuestAPI, Patience: patience}.Spec(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return launch.CodeCannotRun
	}
	spec = change.apply(spec, os.Getenv("TERM"))
	if change.detached {
		return detach(spec)
	}
	return complain(launch.Command(spec))
}

// detach starts the command and leaves it alone, so that whether it could be run is known as soon as it does.
func detach(spec *initspec.Spec) int {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err == nil {
		_, err = launch.Start(proc.NewReaper(), spec, [3]*os.File{null, null, null}, false)
	}
	if err == nil {
		return 0
	}
	failure := &launch.Failure{Code: launch.CodeCannotRun, Text: err.Error()}
	_ = errors.As(err, &failure)
	return complain(failure)
}

func complain(failure *launch.Failure) int {
	fmt.Fprintln(os.Stderr, failure)
	return failure.Code
}

// change is how the command differs from the service's.
type change struct {
	detached  bool
	user, dir *string
	env, argv []string
}

var errUsage = errors.New("usage: exec [-d] [-u USER[:GROUP]] [-w DIR] [-e NAME=VALUE]… -- COMMAND…")

func parse(args []string) (change, error) {
	var c change
	for len(args) > 0 {
		flag := args[0]
		if flag == "--" {
			c.argv = args[1:]
			break
		}
		if flag == "-d" {
			c.detached, args = true, args[1:]
			continue
		}
		if len(args) < 2 {
			return c, errUsage
		}
		value := args[1]
		switch flag {
		case "-u":
			c.user = &value
		case "-w":
			c.dir = &value
		case "-e":
			c.env = append(c.env, value)
		default:
			return c, errUsage
		}
		args = args[2:]
	}
	if len(c.argv) == 0 {
		return c, errUsage
	}
	return c, nil
}

// apply returns the spec of the command. Term is the caller's terminal type.
func (c change) apply(service *initspec.Spec, term string) *initspec.Spec {
	spec := *service
	spec.Argv, spec.TTY = c.argv, false
	if c.user != nil {
		spec.User = *c.user
	}
	if c.dir != nil {
		spec.Cwd = *c.dir
	}
	env := service.Env
	if term != "" {
		env = set(env, "TERM="+term)
	}
	for _, e := range c.env {
		env = set(env, e)
	}
	spec.Env = env
	return &spec
}

// set replaces a variable. It leaves the given slice as it is.
func set(env []string, variable string) []string {
	name, _, _ := strings.Cut(variable, "=")
	out := make([]string, 0, len(env)+1)
	for _, e := range env {
		if !strings.HasPrefix(e, name+"=") {
			out = append(out, e)
		}
	}
	return append(out, variable)
}
