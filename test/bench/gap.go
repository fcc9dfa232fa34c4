//go:build incus

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	// gapPort is the host's port that changes hands.
	gapPort = 18080
	// gapPeriod is how often it is asked, and so how exact the measurement is.
	gapPeriod = 5 * time.Millisecond
	// gapMargin is how long the service has to answer before and after.
	gapMargin = 500 * time.Millisecond
)

// gap measures how long a service with a fixed host port cannot be reached while a change of its environment is applied.
func (b *bench) gap(ctx context.Context) error {
	file := filepath.Join(b.dir, "gap.yaml")
	text := fmt.Sprintf(`name: %s
services:
  web:
    image: "busybox:1"
    command: [sh, -c, "mkdir -p /www; echo hello >/www/index.html; exec httpd -f -p 80 -h /www"]
    environment: ["VERSION=${BENCH_VERSION:-0}"]
    ports: ["%d:80"]
`, composeProject, gapPort)

	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the compose file: %w", err)
	}

	if _, err := b.run(ctx, "-f", file, "up", "-d"); err != nil {
		return err
	}

	r := row{what: "a published port while a changed variable is applied: unreachable", services: 1}

	for n := range b.runs {
		fmt.Fprintf(os.Stderr, "gap of a published port, run %d of %d\n", n+1, b.runs)

		if err := os.Setenv("BENCH_VERSION", fmt.Sprint(n+1)); err != nil {
			return fmt.Errorf("changing the project: %w", err)
		}

		took, err := b.unreachable(ctx, func() error { _, err := b.run(ctx, "-f", file, "up", "-d"); return err })
		if err != nil {
			return err
		}

		r.icc = append(r.icc, took)
	}

	b.rows = append(b.rows, r)
	_, err := b.run(ctx, "-f", file, "down")

	return err
}

// unreachable returns the time between the last answer before and the first one after the requests that fail meanwhile.
func (b *bench) unreachable(ctx context.Context, change func() error) (time.Duration, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	changed := make(chan error, 1)

	go func() {
		time.Sleep(gapMargin)
		err := change()
		time.Sleep(gapMargin)
		stop()
		changed <- err
	}()

	client := http.Client{Timeout: gapMargin, Transport: &http.Transport{DisableKeepAlives: true}}

	var last time.Time
	var longest time.Duration

	for ctx.Err() == nil {
		answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/", gapPort))
		if err == nil {
			err = answer.Body.Close()
		}

		if now := time.Now(); err == nil {
			if !last.IsZero() {
				longest = max(longest, now.Sub(last))
			}

			last = now
		}

		time.Sleep(gapPeriod)
	}

	err := <-changed
	if err == nil && (last.IsZero() || time.Since(last) > gapMargin) {
		err = errors.New("the service does not answer after the change")
	}

	return longest, err
}
