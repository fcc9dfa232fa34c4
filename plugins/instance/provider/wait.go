package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/guest"
	"github.com/icc-project/icc/plugins/instance/health"
	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// wait blocks until the instance is healthy, running its test itself, and records what it found out.
func (p *Provider) wait(ctx context.Context, m *lifecycle.Manager, req sdk.RunRequest) (*lifecycle.Result, error) {
	if t := req.Options.Timeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	inst, _, err := observe.Get(m.Server, m.Name)
	if err != nil {
		return nil, fmt.Errorf("reading instance %q: %w", m.Name, err)
	}
	test := spec.Healthcheck(inst.Config)
	if test == nil {
		return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("%s has no healthcheck configured", m.Name)).
			WithHint("give the service a `healthcheck`, or depend on it with `service_started`")
	}
	if !observe.Running(inst.StatusCode) {
		return nil, resource.ErrUnhealthy.WithText(fmt.Sprintf("%s is %s", m.Name, strings.ToLower(inst.Status))).
			WithHint("`icc logs` shows what the service itself wrote")
	}
	if observe.Health(inst) == resource.HealthHealthy {
		return &lifecycle.Result{}, nil
	}
	argv, err := health.Command(test.Test)
	if err != nil {
		return nil, err
	}
	m.Sink.Progress(resource.Progress{Percent: -1, Text: "waiting until healthy"})
	err = health.Wait(ctx, *test, func(ctx context.Context) (int, string, error) {
		var output tailBuffer
		code, err := guest.Run(ctx, m.Server, inst, guest.Command{Args: argv}, m.LookUp,
			guest.Streams{Stdout: &output, Stderr: &output})
		return code, output.String(), err
	})
	if ctx.Err() == nil {
		recordHealth(m, inst, err)
	}
	return &lifecycle.Result{}, err
}

// recordHealth writes the result where `icc ps` finds it. It is a courtesy: failing to is no failure of the wait.
func recordHealth(m *lifecycle.Manager, inst *api.Instance, result error) {
	status := resource.HealthHealthy
	if result != nil {
		status = resource.HealthUnhealthy
	}
	err := sdkincus.PatchConfig(m.Server, map[string]string{
		resource.HealthStatusKey: status, observe.KeyHealthRun: observe.Run(inst),
	}, "instances", m.Name)
	if err != nil {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("recording the health of %s: %v", m.Name, err))
	}
}
