package lifecycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// errEnded says that PID 1 had ended before the server was done with starting the instance.
var errEnded = errors.New("it ended before the server was done with starting it")

// onceMore starts an instance again whose PID 1 has ended early although its command has not. What has ended by itself
// may be a job that is done, which must not be done twice. Where the command is PID 1 itself, nobody tells; such images
// boot services, which must not be left stopped.
func (m *Manager) onceMore(ctx context.Context, s *supervision, ended error) error {
	if s == nil || m.done(ctx, s) {
		return nil
	}
	inst, err := m.cleared(ctx)
	if err != nil {
		return err
	}
	if inst.StatusCode != api.Stopped {
		return nil
	}
	orders := spec.Orders(inst.Config)
	takeover := orders != nil && orders.Takeover
	m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("starting %s again: %v", m.Name, ended))
	err = m.power(ctx)
	switch {
	case !errors.Is(err, errEnded):
		return err
	case takeover, m.done(ctx, s):
		return nil
	}
	return startError(err)
}

// done says whether icc-init has written that the command has ended, in the run that is just over.
func (m *Manager) done(ctx context.Context, s *supervision) bool {
	state, raw, err := s.courier.State(ctx, s.dir)
	return err == nil && state != nil && raw != s.before && state.Ended()
}
