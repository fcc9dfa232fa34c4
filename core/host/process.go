package host

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/wire"
)

// process is one run of a plugin, from its start to its end.
type process struct {
	name, path string
	child      *child
	client     *goplugin.Client
	rpc        *wire.Client
	words      *lastWords

	// configuring is held by whoever configures the process, configured is the generation of the settings it has.
	configuring chan struct{}
	configured  int
}

// launch is what a process is started with.
type launch struct {
	name, path string
	env        []string
	socketDir  string
	timeout    time.Duration
	logger     hclog.Logger
	spawner    *spawner
}

// startProcess starts a plugin and waits for its handshake, for as long as the timeout and ctx allow.
func startProcess(ctx context.Context, l launch) (*process, error) {
	p := &process{name: l.name, path: l.path, words: &lastWords{}, configuring: make(chan struct{}, 1), configured: -1}
	p.child = newChild(l.path, l.env, l.spawner)
	logger := l.logger.Named(l.name)
	p.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: wire.Handshake(),
		VersionedPlugins: map[int]goplugin.PluginSet{
			sdk.Protocol: {wire.PluginName: &wire.GRPCPlugin{}},
		},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		SkipHostEnv:      true,
		StartTimeout:     l.timeout,
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: l.socketDir},
		GRPCDialOptions:  wire.DialOptions(),
		// go-plugin's own reader of standard error panics on some input; with its log off it only passes it on.
		Logger:     hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
		Stderr:     &logWriter{logger: logger, words: p.words},
		SyncStdout: &logWriter{logger: logger.With("stream", "stdout"), words: &lastWords{}},
		SyncStderr: &logWriter{logger: logger.With("stream", "stderr"), words: &lastWords{}},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			p.child.cmd.Env = append(p.child.cmd.Env, cmd.Env...)
			return p.child, nil
		},
	})
	stop := context.AfterFunc(ctx, p.child.doom)
	defer stop()
	begun := time.Now()
	protocol, err := p.client.Client()
	if err != nil {
		took := time.Since(begun)
		p.end(0)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, p.explainStart(err, took, l.timeout)
	}
	dispensed, err := protocol.Dispense(wire.PluginName)
	if err != nil {
		p.end(0)
		return nil, resource.ErrPlugin.Wrap(fmt.Errorf("connecting to plugin %q: %w", p.name, err))
	}
	p.rpc = dispensed.(*wire.Client)
	return p, nil
}

// explainStart says why a plugin did not come up. go-plugin's own message is the same for most reasons.
func (p *process) explainStart(err error, took, timeout time.Duration) error {
	line, how := p.child.firstLine(), p.child.how()
	fields := strings.Split(line, "|")
	reinstall := "remove or replace " + p.path
	switch {
	case len(fields) >= 4 && fields[1] != fmt.Sprint(sdk.Protocol):
		return refuse(p.path, fmt.Sprintf("it speaks protocol %s, and this icc speaks %d", fields[1], sdk.Protocol),
			"install the plugin's version for icc "+sdk.Version)
	case line != "" && len(fields) < 4:
		return refuse(p.path, fmt.Sprintf("it does not speak the plugin protocol, but printed %q", line),
			"plugins must not print before serve.Main; if this is none, "+reinstall)
	case took >= timeout:
		return p.failed(fmt.Sprintf("did not answer within %s", timeout)).WithHint(reinstall +
			"; with --debug you see what it says")
	case how != "":
		return p.failed("ended before it could be used (" + how + ")" + p.saying()).WithHint(reinstall)
	}
	return p.failed("could not be started").Wrap(err).WithHint(reinstall)
}

func (p *process) failed(what string) *resource.Error {
	return resource.ErrPlugin.WithText(fmt.Sprintf("plugin %q (%s) %s", p.name, p.path, what))
}

// saying returns the plugin's last words as an addition to a message.
func (p *process) saying() string {
	if words := p.words.String(); words != "" {
		return ": " + strings.ReplaceAll(words, "\n", "\n  ")
	}
	return ""
}

// gone says whether the process has ended.
func (p *process) gone() bool {
	select {
	case <-p.child.exited:
		return true
	default:
		return false
	}
}

// end stops the process: it may end its calls for as long as grace, then it is killed with its group. end does not
// hang, whatever the process does.
func (p *process) end(grace time.Duration) {
	if grace > 0 {
		p.child.signal(syscall.SIGTERM, false)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.child.exited:
		case <-timer.C:
		}
	}
	p.child.signal(syscall.SIGKILL, true)
	cleaned := make(chan struct{})
	go func() {
		defer close(cleaned)
		p.client.Kill() // closes the connection and removes the socket
	}()
	select {
	case <-cleaned:
	case <-time.After(2 * drainTime): // a process in uninterruptible sleep; its socket goes with the host's directory
	}
}

// configure gives the process the settings of a generation unless it has them.
func (p *process) configure(ctx context.Context, generation int, s sdk.Settings) error {
	select {
	case p.configuring <- struct{}{}:
		defer func() { <-p.configuring }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.configured >= generation {
		return nil
	}
	if err := p.rpc.Configure(ctx, s); err != nil {
		return err
	}
	p.configured = generation
	return nil
}
