//go:build incus

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// server is the name of the private server that the benchmark uses alone.
const server = "bench"

// insideVar says that this process runs on the private server's host already.
const insideVar = "ICC_BENCH_INSIDE"

func main() {
	if isStandIn() {
		os.Exit(1)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var err error
	if os.Getenv(insideVar) == "" {
		err = outside(ctx, os.Args[1:])
	} else {
		err = inside(ctx, os.Args[1:])
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// outside starts the private server, runs this program again on its host, and ends the server.
func outside(ctx context.Context, args []string) (err error) {
	icc, err := findICC()
	if err != nil {
		return err
	}

	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}

	for _, step := range [][]string{{"down", server}, {"up", server}, {"images", server}} {
		if err := bed(ctx, step...).Run(); err != nil {
			return fmt.Errorf("the benchmark needs a private Incus: bed %s: %w; make it possible with: %s install",
				strings.Join(step, " "), err, bedPath())
		}
	}

	defer func() {
		if downErr := bed(context.WithoutCancel(ctx), "down", server).Run(); err == nil && downErr != nil {
			err = fmt.Errorf("ending the private Incus: %w", downErr)
		}
	}()

	command := bed(ctx, append([]string{"exec", server, "--", self}, args...)...)
	command.Stdout = os.Stdout
	command.Env = append(os.Environ(), insideVar+"=1", "ICC_BIN="+icc)

	return command.Run()
}

// inside measures and prints.
func inside(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	sizes := flags.String("sizes", "1,20,50", "measure projects of these `NUMBERS` of services")
	runs := flags.Int("runs", 5, "measure each `TIMES`")
	planned := flags.Int("plan", 500, "plan a project of `NUMBER` services")

	if err := flags.Parse(args); err != nil {
		return err
	}

	b, err := newBench(ctx, *runs)
	if err != nil {
		return err
	}
	defer b.close()

	for _, size := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return fmt.Errorf("-sizes: %q is no number of services", size)
		}

		if err := b.project(ctx, n); err != nil {
			return fmt.Errorf("measuring %d services: %w", n, err)
		}
	}

	if err := b.commands(ctx, *planned); err != nil {
		return err
	}

	if err := b.gap(ctx); err != nil {
		return fmt.Errorf("measuring the gap of a published port: %w", err)
	}

	if err := b.memory(ctx, 20); err != nil {
		return fmt.Errorf("measuring memory: %w", err)
	}

	b.print(os.Stdout)

	return nil
}

// findICC returns the binary that is measured.
func findICC() (string, error) {
	path := os.Getenv("ICC_BIN")
	if path == "" {
		path = filepath.Join(repository(), "bin", "icc")
	}

	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no icc to measure: %w; run make build, or name one with ICC_BIN", err)
	}

	return filepath.Abs(path)
}

func bed(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, bedPath(), args...)
	command.Stderr = os.Stderr
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }

	return command
}

func bedPath() string { return filepath.Join(repository(), "test", "testbed", "bed") }

// repository is the folder this file was compiled from; the program is only ever run by go run.
func repository() string {
	_, file, _, _ := runtime.Caller(0)

	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
