package provider

import (
	"context"
	"fmt"

	"github.com/icc-project/icc/plugins/instance/guest"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Session implements sdk.Sessions: it runs a command in the instance.
func (p *Provider) Session(ctx context.Context, req sdk.SessionRequest, sio sdk.SessionIO) (int, error) {
	if req.Verb != sdk.SessionExec {
		return 0, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("instances know no session %q", req.Verb))
	}
	if len(req.Args) == 0 {
		return 0, resource.ErrConfig.WithText("there is no command to run")
	}
	m, err := p.manager(ctx, sdk.RunRequest{Resource: req.Resource, State: req.State}, resource.Discard{})
	if err != nil {
		return 0, err
	}
	inst, _, err := observe.Get(m.Server, m.Name)
	if err != nil {
		return 0, fmt.Errorf("reading instance %q: %w", m.Name, err)
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	return guest.Run(ctx, m.Server, inst, guest.Command{
		Args: req.Args, Environment: req.Environment, WorkingDir: req.WorkingDir, User: req.User,
		TTY: req.TTY, Window: req.Window,
	}, m.LookUp, guest.Connect(ctx, sio, req.Stdin))
}

// The abilities beyond Provider.
var (
	_ sdk.Provider = (*Provider)(nil)
	_ sdk.Sessions = (*Provider)(nil)
	_ sdk.Caller   = (*Provider)(nil)
)
