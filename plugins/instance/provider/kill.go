package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/plugins/instance/guest"
	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// kill is kinds.CallKill.
func (p *Provider) kill(ctx context.Context, m *lifecycle.Manager, ask kinds.KillRequest) error {
	signal := cmp.Or(strings.ToUpper(ask.Signal), "SIGKILL")
	inst, s, err := p.see(ctx, m)
	if err != nil {
		return err
	}
	if !observe.Running(inst.StatusCode) {
		return notRunning(m.Name, inst.Status)
	}
	if s != nil {
		defer s.close()
	}
	switch orders := spec.Orders(inst.Config); {
	case orders != nil && orders.Takeover && isKill(signal):
		// Nothing inside a container can kill its PID 1.
	case s != nil:
		return s.kill(ctx, signal)
	case !isKill(signal):
		return resource.ErrUnsupported.WithText(fmt.Sprintf("%s runs without icc-init and can only be killed, not sent %s", m.Name, signal)).
			WithHint("`icc exec` can run kill in it")
	}
	_, err = m.Stop(ctx, true)
	return err
}

// usageError is how the applet ends when it does not understand what it was given.
const usageError = 2

// kill signals the main process. What SIGKILL was sent to is gone when it returns, as in Docker.
func (s *supervised) kill(ctx context.Context, signal string) error {
	code, text, err := s.applet(ctx, initspec.AppletKill, signal)
	torn := err != nil || code >= killedBySignal // perhaps because the container has stopped of it
	if (torn || code == 0 && isKill(signal)) && s.AwaitStopped(ctx) {
		return nil
	}
	switch {
	case err != nil:
		return fmt.Errorf("sending %s to %s: %w", signal, s.Name, err)
	case code != 0:
		hint := "`icc ps` shows whether the process runs"
		if code == usageError {
			hint = "a signal is a name like HUP or SIGHUP, or a number"
		}
		return resource.ErrOperation.WithText(fmt.Sprintf("sending %s to %s: %s", signal, s.Name, cmp.Or(text, fmt.Sprintf("exit code %d", code)))).
			WithHint(hint)
	}
	return nil
}

func isKill(signal string) bool { return slices.Contains([]string{"KILL", "SIGKILL", "9"}, signal) }

func notRunning(name, status string) error {
	return resource.ErrNotRunning.WithText(fmt.Sprintf("%s is %s", name, strings.ToLower(status))).WithHint("start it with `icc start`")
}

// top is kinds.CallTop.
func (p *Provider) top(ctx context.Context, m *lifecycle.Manager) (list initspec.Processes, err error) {
	inst, s, err := p.see(ctx, m)
	if err != nil {
		return list, err
	}
	if !observe.Running(inst.StatusCode) {
		return list, notRunning(m.Name, inst.Status)
	}
	var out, errOut collector
	if s != nil {
		defer s.close()
		code, err := guest.Applet{Name: initspec.AppletTop}.Run(ctx, m.Server, m.Name, guest.Streams{Stdout: &out, Stderr: &errOut})
		if err != nil {
			return list, err
		}
		if err := json.Unmarshal(out.data, &list); err != nil || code != 0 {
			return list, resource.ErrOperation.WithText(fmt.Sprintf("listing the processes of %s: exit code %d: %s", m.Name, code, errOut.data)).Wrap(err)
		}
		return list, nil
	}
	code, err := guest.Run(ctx, m.Server, inst, guest.Command{Args: []string{"ps", "-ef"}, User: "0"}, m.LookUp,
		guest.Streams{Stdout: &out, Stderr: &errOut})
	if err != nil {
		return list, err
	}
	if code != 0 {
		return list, resource.ErrUnsupported.WithText(fmt.Sprintf("`ps -ef` in %s ended with the exit code %d: %s", m.Name, code, errOut.data)).
			WithHint("without icc-init, listing processes needs a ps in the instance")
	}
	return parsePS(string(out.data)), nil
}

// collector keeps what is written to it, up to a bound. Only one stream writes.
type collector struct{ data []byte }

// Write implements io.Writer.
func (c *collector) Write(p []byte) (int, error) {
	const most = 4 << 20
	if room := most - len(c.data); room > 0 {
		c.data = append(c.data, p[:min(len(p), room)]...)
	}
	return len(p), nil
}

// parsePS takes the table of ps apart; the last column may have spaces.
func parsePS(text string) initspec.Processes {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	list := initspec.Processes{Titles: strings.Fields(lines[0])}
	for _, line := range lines[1:] {
		var row []string
		for len(row) < len(list.Titles)-1 {
			line = strings.TrimLeft(line, " ")
			field, rest, _ := strings.Cut(line, " ")
			row, line = append(row, field), rest
		}
		list.Processes = append(list.Processes, append(row, strings.TrimSpace(line)))
	}
	return list
}
