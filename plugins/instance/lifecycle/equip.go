package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// errRunning says that there is nothing to start.
var errRunning = errors.New("the instance is running already")

// supervision is what a start has to know of an instance whose PID 1 is icc-init.
type supervision struct {
	courier *runtime.Courier
	dir     string
	// before is the state that the last run has left.
	before string
}

// equip sees to what a start needs: icc-init, and the instance's directory. It returns nil for instances without
// icc-init. Instances that this process has made are not looked at again.
func (m *Manager) equip(ctx context.Context) (*supervision, error) {
	s := &supervision{courier: m.Courier, dir: m.Name}
	fresh := false
	if !m.Courier.Made(m.Name) {
		inst, err := m.cleared(ctx)
		if err != nil {
			return nil, err
		}
		if observe.Running(inst.StatusCode) {
			return nil, errRunning
		}
		fresh = neverRan(inst)
		m.waited = inst.Config[resource.KeyPending] != ""
		place, ok := runtime.Locate(inst)
		if !ok || !spec.Supervised(inst.Config) {
			m.saveLog(ctx, inst)
			return nil, nil
		}
		s.courier, s.dir = m.Courier.For(place), place.Dir
	}
	if err := s.courier.Deliver(ctx); err != nil {
		return nil, err
	}
	missing, err := s.courier.Directory(ctx, s.dir)
	if err != nil {
		return nil, err
	}
	if missing && fresh { // the directory is made when the creation is done
		return nil, m.clearRemains(ctx)
	}
	if missing {
		m.Sink.Notice(resource.LevelWarning, fmt.Sprintf(
			"the directory of %s in icc-init's volume was missing and has been made again; its earlier log and exit code are lost", m.Name))
		return s, nil
	}
	if _, s.before, err = s.courier.State(ctx, s.dir); err != nil {
		m.Sink.Notice(resource.LevelDebug, err.Error()) // icc-init writes a new one
	}
	return s, nil
}

// saveLog fetches what earlier runs have written, so that it is not lost and not taken for what the next one writes. It
// is a courtesy: a start does not fail for it.
func (m *Manager) saveLog(ctx context.Context, inst *api.Instance) {
	if inst.StatusCode != api.Stopped {
		return
	}
	var err error
	if m.earlier, err = m.Console.Collect(ctx, inst); err != nil {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("saving the log of %s: %v", m.Name, err))
	}
}

// filesTime is how long a server may take to let go of the files of a container that it has just given up, and missingTime
// how long it may miss one meanwhile.
const (
	filesTime   = 10 * time.Second
	missingTime = time.Second
)

// obstacle finds out whether a start has failed because the image has a directory where icc-init goes.
func (m *Manager) obstacle(ctx context.Context, failure error) error {
	if !strings.Contains(failure.Error(), notSetUp) {
		return failure
	}
	kind, err := "", error(nil)
	for begin := time.Now(); ; {
		kind, err = m.fileType(ctx, initspec.Path)
		waited := time.Since(begin)
		if err == nil || waited > filesTime || sdkincus.IsNotFound(err) && waited > missingTime || sdkincus.Pause(ctx, clearPeriod) != nil {
			break
		}
	}
	if err != nil || kind != "directory" {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("%s of %s is %q, %v", initspec.Path, m.Name, kind, err))
		return failure
	}
	return resource.ErrUnsupported.WithText(fmt.Sprintf("the image of %s has a directory %s, which is icc-init's place", m.Name, initspec.Path)).
		WithHint("run the service without icc-init: `x-icc: {init: off}`").Wrap(failure)
}

// fileType returns what a file of the instance is: "file", "directory" or "symlink".
func (m *Manager) fileType(ctx context.Context, name string) (kind string, err error) {
	err = sdkincus.Retry(ctx, func() error {
		content, info, err := m.Server.GetInstanceFile(m.Name, name)
		if err != nil {
			return err
		}
		if content != nil {
			_ = content.Close()
		}
		kind = info.Type
		return nil
	})
	return kind, err
}
