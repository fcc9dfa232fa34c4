//go:build incus

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sampling is how often memory is looked at; a look takes about a millisecond.
const sampling = 10 * time.Millisecond

// memory measures the most that icc and its plugins occupy together while they bring n services up.
func (b *bench) memory(ctx context.Context, n int) error {
	file, err := b.compose(n)
	if err != nil {
		return err
	}

	shared := row{what: "peak memory of icc and its plugins during up (PSS)", services: n, bytes: true}
	each := row{what: "the same, shared pages counted every time (RSS)", services: n, bytes: true}

	for range b.runs {
		peak, err := b.peak(ctx, "-f", file, "up", "-d")
		if err != nil {
			return err
		}

		shared.sizes = append(shared.sizes, peak.pss)
		each.sizes = append(each.sizes, peak.rss)

		if _, err := b.run(ctx, "-f", file, "down"); err != nil {
			return err
		}
	}

	b.rows = append(b.rows, shared, each)

	return nil
}

// occupied is memory in bytes: pss divides shared pages by their users, rss counts them for each.
type occupied struct{ pss, rss int64 }

// peak runs icc and returns the most memory its processes occupied at one moment.
func (b *bench) peak(ctx context.Context, args ...string) (occupied, error) {
	var output bytes.Buffer

	command := exec.CommandContext(ctx, b.icc, args...)
	command.Dir = b.dir
	command.Stdout, command.Stderr = &output, &output

	if err := command.Start(); err != nil {
		return occupied{}, fmt.Errorf("starting icc: %w", err)
	}

	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()

	var peak occupied

	for tick := time.NewTicker(sampling); ; <-tick.C {
		select {
		case err := <-ended:
			tick.Stop()

			if err != nil {
				err = fmt.Errorf("icc %s: %w\n%s", strings.Join(args, " "), err, output.String())
			}

			return peak, err
		default:
			now := tree(command.Process.Pid)
			peak.pss, peak.rss = max(peak.pss, now.pss), max(peak.rss, now.rss)
		}
	}
}

// tree sums the memory of a process and its descendants. Processes that end meanwhile count nothing.
func tree(pid int) occupied {
	sum := rollup(pid)

	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(children)) {
			if child, err := strconv.Atoi(field); err == nil {
				of := tree(child)
				sum.pss, sum.rss = sum.pss+of.pss, sum.rss+of.rss
			}
		}
	}

	return sum
}

func rollup(pid int) occupied {
	var sum occupied

	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}

		kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)

		switch fields[0] {
		case "Pss:":
			sum.pss = kilobytes * 1024
		case "Rss:":
			sum.rss = kilobytes * 1024
		}
	}

	return sum
}
