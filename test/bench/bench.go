//go:build incus

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// composeProject is the name of every project that is measured; one exists at a time.
const composeProject = "bench"

// bench measures and keeps the rows of the table.
type bench struct {
	icc    string
	runs   int
	dir    string
	server incus.InstanceServer
	floor  *floor
	rows   []row
}

// newBench connects, lets icc fetch the image once and prepares the floor with it.
func newBench(ctx context.Context, runs int) (*bench, error) {
	root := os.Getenv("ICC_TESTBED_PROJECTS")
	if root == "" {
		root = "/var/tmp/icc-projects"
	}

	dir, err := os.MkdirTemp(root, "bench")
	if err != nil {
		return nil, fmt.Errorf("making a project folder: %w", err)
	}

	b := &bench{icc: os.Getenv("ICC_BIN"), runs: runs, dir: dir}

	if b.server, err = incus.ConnectIncusUnixWithContext(ctx, os.Getenv("INCUS_SOCKET"), nil); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to the private server: %w", err), os.RemoveAll(dir))
	}

	image, err := b.warmUp(ctx)
	if err == nil {
		b.floor, err = newFloor(b.server, image)
	}

	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}

	return b, nil
}

func (b *bench) close() {
	if err := b.floor.close(b.server); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}

	b.server.Disconnect()

	if err := os.RemoveAll(b.dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

// warmUp brings a service up and down, so that the image is on the server, and returns the image's fingerprint.
func (b *bench) warmUp(ctx context.Context) (string, error) {
	file, err := b.compose(1)
	if err != nil {
		return "", err
	}

	if _, err := b.run(ctx, "-f", file, "up", "-d"); err != nil {
		return "", err
	}

	instances, err := b.instances()
	if err != nil {
		return "", err
	}

	_, err = b.run(ctx, "-f", file, "down")

	return instances[0].Config["volatile.base_image"], err
}

// instances lists what icc made, whatever Incus project it is in.
func (b *bench) instances() ([]api.Instance, error) {
	all, err := b.server.GetInstancesAllProjects(api.InstanceTypeAny)
	if err != nil {
		return nil, fmt.Errorf("listing instances: %w", err)
	}

	var ours []api.Instance

	for _, instance := range all {
		if instance.Config[resource.KeyProject] == composeProject {
			ours = append(ours, instance)
		}
	}

	if len(ours) == 0 {
		return nil, errors.New("icc up made no instance")
	}

	return ours, nil
}

// compose writes a compose file of n services and returns its path.
func (b *bench) compose(n int) (string, error) {
	var text strings.Builder

	fmt.Fprintf(&text, "name: %s\nservices:\n", composeProject)

	for i := range n {
		fmt.Fprintf(&text, "  s%d: {image: \"busybox:1\", command: [sleep, infinity]}\n", i+1)
	}

	file := filepath.Join(b.dir, fmt.Sprintf("compose-%d.yaml", n))
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		return "", fmt.Errorf("writing the compose file: %w", err)
	}

	return file, nil
}

// run runs icc and returns how long it took, and what processor time it and its plugins took.
func (b *bench) run(ctx context.Context, args ...string) (usage, error) {
	var output bytes.Buffer

	command := exec.CommandContext(ctx, b.icc, args...)
	command.Dir = b.dir
	command.Stdout, command.Stderr = &output, &output

	begin := time.Now()
	err := command.Run()
	elapsed := time.Since(begin)

	const changes = 2 // icc plan has something to tell
	if err != nil && command.ProcessState.ExitCode() != changes {
		return usage{}, fmt.Errorf("icc %s: %w\n%s", strings.Join(args, " "), err, output.String())
	}

	return usage{elapsed: elapsed, cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}, nil
}

// usage is what one run of a program took. The processor time includes that of its children.
type usage struct{ elapsed, cpu time.Duration }

// clock returns how long do takes.
func clock(do func() error) (time.Duration, error) {
	begin := time.Now()
	err := do()

	return time.Since(begin), err
}
