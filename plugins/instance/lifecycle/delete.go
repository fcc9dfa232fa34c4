package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// Delete removes the instance. One that runs is stopped first when force says so, and is an error otherwise. Its
// anonymous volumes stay: they belong to the volume kind, which removes them with the other volumes.
func (m *Manager) Delete(ctx context.Context, force bool) (*Result, error) {
	err := m.remove(ctx)
	if err != nil && strings.Contains(err.Error(), "Instance is running") {
		if !force {
			return nil, resource.ErrConflict.WithText(fmt.Sprintf("the instance %q is running", m.Name)).
				WithHint("stop it first").Wrap(err)
		}
		if _, err = m.Stop(ctx, false); err == nil {
			m.AwaitStopped(ctx) // one that has ended by itself seems stopped, and then running once more
			err = m.remove(ctx)
		}
	}
	if err == nil {
		if forget := m.Console.Forget(); forget != nil {
			m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("removing the stored log of %s: %v", m.Name, forget))
		}
		if leave := m.Courier.Remove(ctx, m.Name); leave != nil {
			m.Sink.Notice(resource.LevelDebug, leave.Error()) // it goes with the volume
		}
	}
	switch {
	case err == nil:
		return &Result{Changed: true}, nil
	case errors.Is(err, resource.ErrNotFound):
		return &Result{}, nil
	}
	return nil, fmt.Errorf("deleting instance %q: %w", m.Name, err)
}

func (m *Manager) remove(ctx context.Context) error {
	return m.retry(ctx, func() error {
		op, err := m.Server.DeleteInstance(m.Name)
		if err != nil {
			return sdkincus.MapError(err)
		}
		return sdkincus.Wait(ctx, op)
	})
}
