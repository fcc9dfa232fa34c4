package incus

import (
	"context"
	"fmt"
	"time"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// lastWords is how long a connection lives on after its context has ended, so that operations can be cancelled and
// half-made objects removed.
const lastWords = 3 * time.Second

// Dial connects to the settings' socket, scoped to their Incus project. It sends nothing: the first request shows
// whether the server answers. Operations are waited for by long polling instead of the event stream, so a
// connection may be shared by concurrent actions. Requests end three seconds after ctx at the latest.
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
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	server, err := incus.ConnectIncusUnixWithContext(outlive(ctx, lastWords), s.IncusSocket, &incus.ConnectionArgs{
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

// outlive returns a context with ctx's values that ends the given time after ctx does.
func outlive(ctx context.Context, by time.Duration) context.Context {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		time.AfterFunc(by, func() { cancel(context.Cause(ctx)) })
	})
	return longer
}
