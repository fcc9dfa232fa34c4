package guest

import (
	"context"
	"maps"
	"slices"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
)

// Applet is one of icc-init's applets and its arguments.
type Applet struct {
	Name string
	Args []string
	TTY  bool
	// Window is the terminal's size.
	Window sdk.WindowSize

	workingDir string // has to exist
}

// Exec returns the applet that runs a command as icc-init runs the service: icc-init knows its user, environment and
// directory, and looks names up in the image itself. Why it could not be run, it tells on its standard error.
func Exec(c Command) Applet {
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
	return Applet{Name: initspec.AppletExec, Args: args, TTY: c.TTY, Window: c.Window, workingDir: c.WorkingDir}
}

// Run runs the applet as the container's root until it ends, and returns its exit code.
func (a Applet) Run(ctx context.Context, server incus.InstanceServer, instance string, s Streams) (int, error) {
	if err := checkWorkingDir(ctx, server, instance, a.workingDir); err != nil {
		return 0, err
	}
	command := []string{initspec.Path, a.Name}
	if s.Detached { // it leaves the command alone itself
		command, a.TTY, s = append(command, "-d"), false, Streams{Stderr: s.Stderr}
	}
	post := api.InstanceExecPost{
		Command: append(command, a.Args...), Cwd: "/",
		WaitForWS: true, Interactive: a.TTY, Width: a.Window.Width, Height: a.Window.Height,
	}
	return execute(ctx, server, instance, post, s, nil) // what cannot be run, the applet has said better
}
