package guest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// Applet is one of icc-init's applets and its arguments.
type Applet struct {
	Name string
	Args []string
	TTY  bool
	// Window is the terminal's size.
	Window sdk.WindowSize

	workingDir string        // has to exist
	user       spec.UserName // whom it changes to
	users      lookUp
}

// Exec returns the applet that runs a command as icc-init runs the service: icc-init knows its user, environment and
// directory, and looks names up in the image itself. Why it could not be run, it tells on its standard error; for a
// detached one, which nobody hears, users are looked up again.
func Exec(c Command, users lookUp) Applet {
	var args []string
	if c.User != "" {
		args = append(args, "-u", c.User)
	}
	if c.WorkingDir != "" {
		args = append(args, "-w", c.WorkingDir)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		args = append(args, "-e", name+"="+c.Environment[name])
	}
	args = append(append(args, "--"), c.Args...)
	return Applet{
		Name: initspec.AppletExec, Args: args, TTY: c.TTY, Window: c.Window,
		workingDir: c.WorkingDir, user: spec.ParseUser(c.User), users: users,
	}
}

// Run runs the applet as the container's root until it ends, and returns its exit code.
func (a Applet) Run(ctx context.Context, server incus.InstanceServer, instance string, s Streams) (int, error) {
	if err := checkWorkingDir(ctx, server, instance, a.workingDir); err != nil {
		return 0, err
	}
	post := api.InstanceExecPost{
		Command: append([]string{initspec.Path, a.Name}, a.Args...), Cwd: "/",
		WaitForWS: true, Interactive: a.TTY, Width: a.Window.Width, Height: a.Window.Height,
	}
	if s.Detached {
		return a.launch(ctx, server, instance, post, s.Stderr)
	}
	return execute(ctx, server, instance, post, s, nil) // what cannot be run, the applet has said better
}

// launch is launch for an applet, of which the server knows no more than the code.
func (a Applet) launch(ctx context.Context, server incus.InstanceServer, instance string, post api.InstanceExecPost, complain io.Writer) (int, error) {
	var said bytes.Buffer
	code, err := launch(ctx, server, instance, post, &said)
	if code == codeNotExecutable {
		if unknown := a.unknownUser(ctx); unknown != "" {
			said.Reset()
			said.WriteString(unknown + "\n")
		}
	}
	if complain != nil {
		_, _ = complain.Write(said.Bytes())
	}
	return code, err
}

// unknownUser says that the image has no such user or group; it is empty where it has.
func (a Applet) unknownUser(ctx context.Context) string {
	if _, _, numbers := a.user.Numbers(); numbers || a.user.User == "" {
		return ""
	}
	if _, err := a.users(ctx, a.user); errors.Is(err, resource.ErrConfig) {
		return resource.AsError(err).Text
	}
	return "" // found, or nothing is known
}
