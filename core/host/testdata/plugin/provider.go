package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

type provider struct {
	name     string
	settings sdk.Settings
}

func (p *provider) Describe(context.Context) (*sdk.Description, error) {
	if p.name == "hang-describe" {
		time.Sleep(time.Hour)
	}
	d := &sdk.Description{Name: p.name, Version: "1.2.3", Summary: "A plugin for tests.", Kinds: []sdk.Kind{{
		Kind: resource.Kind(p.name), Priority: 7, Actions: []resource.Action{"ensure"}, NeedsIncus: p.name != "no-incus",
	}}}
	if strings.HasPrefix(p.name, "builder-") {
		d.Builder = &sdk.BuilderInfo{Tool: "true"}
	}
	return d, nil
}

func (p *provider) Configure(_ context.Context, s sdk.Settings) error {
	p.settings = s
	return nil
}

func (p *provider) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	out := &sdk.Resolution{}
	for _, d := range decls {
		out.Resolved = append(out.Resolved, resource.Resolved{Ref: d.Ref, IncusName: d.Name, Config: d.Config})
	}
	return out, nil
}

func (p *provider) Plan(context.Context, sdk.PlanRequest) (*sdk.PlanResult, error) {
	return &sdk.PlanResult{}, nil
}

func (p *provider) Probe(context.Context) (*sdk.Probe, error) {
	return &sdk.Probe{Available: true, Version: "1"}, nil
}

func (p *provider) Build(context.Context, kinds.BuildRequest, resource.Sink) (*kinds.BuildResult, error) {
	return nil, resource.ErrBuild.WithText("no")
}

// Run does what the action says; Resource.Name is its argument.
func (p *provider) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	arg := req.Resource.Name
	switch req.Action {
	case "panic":
		panic("the handler is broken")
	case "goroutine-panic":
		go func() { panic("the goroutine is broken") }()
		<-ctx.Done()
	case "exit":
		fmt.Fprintln(os.Stderr, "I have had enough")
		os.Exit(3)
	case "stop-self":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "print":
		fmt.Println(arg)
	case "spawn": // a child in the plugin's own group
		return p.spawn(arg, false)
	case "spawn-deaf": // one that also ignores SIGTERM and holds the plugin's output
		return p.spawn(arg, true)
	case "tool": // a tool in a group of its own that lives as long as the call, and is cleaned up after
		return p.tool(ctx, arg, sink)
	case "wait":
		sink.Progress(resource.Progress{Percent: 1, Text: "waiting"})
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond) // undoing takes a moment
		_ = os.WriteFile(arg, []byte("undone"), 0o600)
		return nil, ctx.Err()
	case "environ":
		return output(os.Environ())
	case "settings":
		return output(p.settings)
	case "pid":
		return output(os.Getpid())
	}
	return &sdk.RunResult{Outputs: req.Resource.Config}, nil
}

func output(v any) (*sdk.RunResult, error) {
	doc, err := json.Marshal(v)
	return &sdk.RunResult{Outputs: doc}, err
}

func (p *provider) spawn(seconds string, deaf bool) (*sdk.RunResult, error) {
	cmd := exec.Command("sleep", seconds)
	if deaf {
		cmd = exec.Command("sh", "-c", "trap '' TERM; sleep "+seconds)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.NewFile(2, "stderr")
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return output(cmd.Process.Pid)
}

func (p *provider) tool(ctx context.Context, dir string, sink resource.Sink) (*sdk.RunResult, error) {
	cmd := exec.CommandContext(ctx, "sleep", "3600")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	sink.Progress(resource.Progress{Percent: -1, Text: fmt.Sprint(cmd.Process.Pid)})
	err := cmd.Wait()
	_ = os.WriteFile(filepath.Join(dir, "cleaned"), nil, 0o600)
	return nil, err
}
