package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// portsFree refuses a change that is bound to fail because something else listens on a port, before the running instance
// loses those it has. On another machine the ports cannot be looked at.
func (m *Manager) portsFree(want spec.Devices, have *api.Instance) error {
	if m.Remote || have.StatusCode == api.Stopped {
		return nil
	}
	for name, dev := range want {
		if dev["type"] != "proxy" || dev["listen"] == have.Devices[name]["listen"] {
			continue
		}
		protocol, address, _ := strings.Cut(dev["listen"], ":")
		_, port, err := net.SplitHostPort(address)
		if err != nil || strings.Contains(port, "-") || strings.HasPrefix(dev["bind"], "instance") || ownPort(have, port) {
			continue
		}
		if !canListen(protocol, address) {
			return portInUse(address)
		}
	}
	return nil
}

// ownPort says whether the instance itself listens on a port of the host, which it gives up in the same change.
func ownPort(have *api.Instance, port string) bool {
	for _, dev := range have.Devices {
		if dev["type"] == "proxy" && strings.HasSuffix(dev["listen"], ":"+port) {
			return true
		}
	}
	return false
}

// revive plugs the devices in again that a failed change has taken away: the server goes back to the old configuration,
// and not to what it did by it.
func (e *ensuring) revive(ctx context.Context, want spec.Devices, have *api.Instance) {
	var lost []string
	for name, dev := range have.Devices {
		if (dev["type"] == "proxy" || dev["type"] == "disk" && name != spec.DeviceRoot) && !maps.Equal(dev, want[name]) {
			lost = append(lost, name)
		}
	}
	if len(lost) == 0 || have.StatusCode == api.Stopped {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	without := func(devices api.DevicesMap) {
		for _, name := range lost {
			delete(devices, name)
		}
	}
	again := func(devices api.DevicesMap) {
		for _, name := range lost {
			devices[name] = have.Devices[name]
		}
	}
	if err := errors.Join(e.replug(ctx, without), e.replug(ctx, again)); err != nil {
		e.Sink.Notice(resource.LevelWarning, fmt.Sprintf("after the failed change, %s may be missing until it is restarted: %v", strings.Join(lost, ", "), err))
	}
}

func (e *ensuring) replug(ctx context.Context, change func(api.DevicesMap)) error {
	inst, etag, err := e.Server.GetInstance(e.Name)
	if err != nil {
		return err
	}
	change(inst.Devices)
	return e.send(ctx, inst.InstancePut, etag)
}
