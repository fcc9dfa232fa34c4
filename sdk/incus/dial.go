package incus

import (
	"context"
	"fmt"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Dial connects to the settings' socket, scoped to their Incus project. It sends nothing: the first request shows
// whether the server answers. Operations are waited for by long polling instead of the event stream, so a
// connection may be shared by concurrent actions.
func Dial(ctx context.Context, s sdk.Settings) (incus.InstanceServer, error) {
	return dial(ctx, s, true)
}

// DialEvents is Dial for actions that show the progress of operations; its connection opens the event stream when
// the first operation starts.
func DialEvents(ctx context.Context, s sdk.Settings) (incus.InstanceServer, error) {
	return dial(ctx, s, false)
}

func dial(ctx context.Context, s sdk.Settings, skipEvents bool) (incus.InstanceServer, error) {
	if s.IncusSocket == "" {
		return nil, resource.ErrDisconnected
	}
	server, err := incus.ConnectIncusUnixWithContext(ctx, s.IncusSocket, &incus.ConnectionArgs{
		UserAgent:     "icc",
		SkipGetServer: true,
		SkipGetEvents: skipEvents,
	})
	if err != nil {
		return nil, resource.ErrConnectionFailed.Wrap(fmt.Errorf("dialling %s: %w", s.IncusSocket, err))
	}
	if s.IncusProject != "" {
		server = server.UseProject(s.IncusProject)
	}
	return server, nil
}
