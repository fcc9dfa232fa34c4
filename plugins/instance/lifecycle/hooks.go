package lifecycle

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/console"
	"github.com/icc-project/icc/plugins/instance/guest"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// runHooks runs the commands of a point of the instance's life one after another, as the service would. The first that
// fails ends it.
func (m *Manager) runHooks(ctx context.Context, inst *api.Instance, point string, hooks []initspec.Hook) error {
	for _, hook := range hooks {
		m.Sink.Progress(resource.Progress{Percent: -1, Text: "running its " + point + " hook"})
		args := []string{}
		if hook.User != "" {
			args = append(args, "-u", hook.User)
		}
		if hook.WorkingDir != "" {
			args = append(args, "-w", hook.WorkingDir)
		}
		for _, variable := range hook.Env {
			args = append(args, "-e", variable)
		}
		args = append(append(args, "--"), hook.Command...)
		code, output, err := m.applet(ctx, inst, initspec.AppletExec, args...)
		if err != nil {
			return fmt.Errorf("running the %s hook %q of %s: %w", point, strings.Join(hook.Command, " "), m.Name, err)
		}
		if code != 0 {
			return hookError(point, m.Name, hook, code, output)
		}
	}
	return nil
}

func hookError(point, name string, hook initspec.Hook, code int, output []byte) error {
	const lines = 5
	text := fmt.Sprintf("the %s hook %q of %s ended with the exit code %d", point, strings.Join(hook.Command, " "), name, code)
	if last := bytes.TrimSpace(console.Tail(console.Clean(output), lines)); len(last) > 0 {
		text += "; it wrote:\n" + string(last)
	}
	return resource.ErrOperation.WithText(text).WithHint(hookHint(point))
}

func hookHint(point string) string {
	if point == preStop {
		return "correct the hook, or end the service without it: `icc kill`"
	}
	return "correct `" + point + "` in the compose file"
}

// The points of an instance's life that have hooks, in Compose's words.
const (
	postStart = "post_start"
	preStop   = "pre_stop"
)

// applet runs one of icc-init's applets as the container's root and returns its exit code and its output.
func (m *Manager) applet(ctx context.Context, inst *api.Instance, applet string, args ...string) (int, []byte, error) {
	var output guest.Tail
	code, err := guest.Applet{Name: applet, Args: args}.Run(ctx, m.Server, inst.Name, guest.Streams{Stdout: &output, Stderr: &output})
	return code, []byte(output.String()), err
}
