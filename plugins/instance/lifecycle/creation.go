package lifecycle

import (
	"context"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// retry runs do, again while the instance is busy, and once more when it failed because the server was still making
// the instance: for a run that was interrupted, or for another one. Nobody is asked as long as all goes well.
func (m *Manager) retry(ctx context.Context, do func() error) error {
	err := sdkincus.Retry(ctx, do)
	if err != nil && ctx.Err() == nil && m.awaitCreation(ctx) {
		err = sdkincus.Retry(ctx, do)
	}
	return err
}

// awaitCreation waits until the server has created or rebuilt the instance, and reports whether it was at it. Both go on
// when whoever asked for them is gone, and a second rebuild beside the first would unpack into the same root.
func (m *Manager) awaitCreation(ctx context.Context) bool {
	operations, err := m.Server.GetOperations()
	if err != nil {
		return false
	}
	waited := false
	for _, op := range operations {
		if !m.makes(op) {
			continue
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _, _ = m.Server.GetOperationWait(op.ID, -1) // how it ended shows when the action is tried again
		}()
		select {
		case <-ended:
			waited = true
		case <-ctx.Done():
			return false
		}
	}
	return waited
}

func (m *Manager) makes(op api.Operation) bool {
	making := strings.HasPrefix(op.Description, "Creating instance") || strings.HasPrefix(op.Description, "Rebuilding instance")
	return making && !op.StatusCode.IsFinal() &&
		slices.ContainsFunc(op.Resources["instances"], func(url string) bool {
			path, _, _ := strings.Cut(url, "?")
			return strings.HasSuffix(path, "/instances/"+m.Name)
		})
}
