package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/icc-project/icc/plugins/instance/guest"
	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// Session implements sdk.Sessions: it runs a command in the instance, or connects to its process.
func (p *Provider) Session(ctx context.Context, req sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
	if !slices.Contains([]string{sdk.SessionExec, sdk.SessionExecDetached, sdk.SessionAttach}, req.Verb) {
		return 0, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("instances know no session %q", req.Verb))
	}
	if req.Verb != sdk.SessionAttach && len(req.Args) == 0 {
		return 0, resource.ErrConfig.WithText("there is no command to run")
	}
	m, err := p.manager(ctx, sdk.RunRequest{Resource: req.Resource, State: req.State}, resource.Discard{})
	if err != nil {
		return 0, err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	streams := guest.Connect(ctx, sio, req.Stdin)
	if req.Verb == sdk.SessionAttach {
		return p.attach(ctx, m, req, streams)
	}
	streams.Detached = req.Verb == sdk.SessionExecDetached
	return execute(ctx, m, req, streams)
}

// execute runs a command. icc-init runs it as the service, so that users, environment and directory are what they are
// there; without it, the plugin looks them up.
func execute(ctx context.Context, m *lifecycle.Manager, req sdk.SessionRequest, streams guest.Streams) (int, error) {
	inst, _, err := observe.Get(m.Server, m.Name)
	if err != nil {
		return 0, fmt.Errorf("reading instance %q: %w", m.Name, err)
	}
	command := guest.Command{
		Args: req.Args, Environment: req.Environment, WorkingDir: req.WorkingDir, User: req.User,
		TTY: req.TTY, Window: req.Window,
	}
	orders := spec.Orders(inst.Config)
	if orders == nil {
		return guest.Run(ctx, m.Server, inst, command, m.LookUp, streams)
	}
	command.Environment = withTerm(command.Environment, orders, req.TTY)
	return guest.Exec(command).Run(ctx, m.Server, m.Name, streams)
}

// withTerm names the terminal's type to commands that have a terminal, as Docker does.
func withTerm(env map[string]string, orders *initspec.Spec, tty bool) map[string]string {
	_, given := env["TERM"]
	if !tty || given || slices.ContainsFunc(orders.Env, func(v string) bool { return strings.HasPrefix(v, "TERM=") }) {
		return env
	}
	with := map[string]string{"TERM": "xterm"}
	for name, value := range env {
		with[name] = value
	}
	return with
}

// attach connects to the main process, or to the console of an instance without icc-init.
func (p *Provider) attach(ctx context.Context, m *lifecycle.Manager, req sdk.SessionRequest, streams guest.Streams) (int, error) {
	inst, s, err := p.see(ctx, m)
	if err != nil {
		return 0, err
	}
	if !observe.Running(inst.StatusCode) {
		return 0, notRunning(m.Name, inst.Status)
	}
	if s == nil {
		return guest.Console(ctx, m.Server, m.Name, req.Window, streams)
	}
	defer s.close()
	applet := guest.Applet{Name: initspec.AppletAttach, TTY: req.TTY, Window: req.Window}
	if req.Stdin {
		applet.Args = append(applet.Args, "-i")
	}
	if req.TTY {
		applet.Args = append(applet.Args, "-t")
	}
	code, err := applet.Run(ctx, m.Server, m.Name, streams)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if err == nil && code == 0 {
		return 0, nil
	}
	return s.attached(ctx, code, err)
}

// killedBySignal is the exit code from which on it is not known whether a signal has ended the applet or the process.
const killedBySignal = 128

// attached tells the exit code of a process after an attach has ended. The end of the process is that of the container,
// which may have torn the connection before it told the code.
func (s *supervised) attached(ctx context.Context, code int, broken error) (int, error) {
	const patience = 3 * time.Second
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		state, err := s.state(bounded)
		switch {
		case err == nil && state.Ended():
			return state.ExitCode, nil
		case broken == nil && code < killedBySignal:
			return code, nil // it is started again, or the applet itself failed
		}
		if err := s.look(); err != nil || sdkincus.Pause(bounded, waitPause) != nil {
			return code, broken
		}
	}
}

// The abilities beyond Provider.
var (
	_ sdk.Provider = (*Provider)(nil)
	_ sdk.Sessions = (*Provider)(nil)
	_ sdk.Caller   = (*Provider)(nil)
)
