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

func waiting(until string) resource.Progress {
	return resource.Progress{Percent: -1, Text: "waiting until " + until}
}

// wait blocks until the instance is healthy.
func (p *Provider) wait(ctx context.Context, m *lifecycle.Manager, req sdk.RunRequest) (*lifecycle.Result, error) {
	inst, s, err := p.see(ctx, m)
	if err != nil {
		return nil, err
	}
	ctx, cancel := bounded(ctx, req.Options.Timeout)
	defer cancel()
	if s != nil {
		defer s.close()
		err = s.healthy(ctx, req.Options.Timeout)
	} else {
		err = waitNative(ctx, m, inst)
	}
	if err != nil {
		return nil, err
	}
	m.Prove(ctx, inst)
	return &lifecycle.Result{}, nil
}

// waitNative runs the test itself, and records what it found out.
func waitNative(ctx context.Context, m *lifecycle.Manager, inst *api.Instance) error {
	test := spec.Healthcheck(inst.Config)
	switch {
	case test == nil && inst.StatusCode == api.Stopped:
		return resource.ErrExited.WithText(m.Name + " has ended").WithHint("`icc logs` shows what it wrote")
	case test == nil:
		return noHealthTest(m.Name)
	}
	if !observe.Running(inst.StatusCode) {
		return resource.ErrUnhealthy.WithText(fmt.Sprintf("%s is %s", m.Name, strings.ToLower(inst.Status))).
			WithHint("`icc logs` shows what the service itself wrote")
	}
	if observe.Health(inst) == resource.HealthHealthy {
		return nil
	}
	argv, err := health.Command(test.Test)
	if err != nil {
		return err
	}
	m.Sink.Progress(waiting("healthy"))
	err = health.Wait(ctx, *test, func(ctx context.Context) (int, string, error) {
		var output guest.Tail
		code, err := guest.Run(ctx, m.Server, inst, guest.Command{Args: argv}, m.LookUp,
			guest.Streams{Stdout: &output, Stderr: &output})
		return code, output.String(), err
	})
	if ctx.Err() == nil {
		recordHealth(m, inst, err)
	}
	return err
}

func noHealthTest(name string) error {
	return resource.ErrUnsupportedAction.WithText(name + " has no healthcheck configured").
		WithHint("give the service a `healthcheck`, or depend on it with `service_started`")
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
