//go:build incus

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

// questions is how often a no-op up and the listings are repeated in each run; they are short.
const questions = 3

// barSize is the size of project for which bars are set; a single service shows icc's fixed costs. The bar of a plan is
// for planSize.
const (
	barSize  = 20
	planSize = 200
)

// project measures up, no-op up and down of n services, taking turns with the floor.
func (b *bench) project(ctx context.Context, n int) error {
	file, err := b.compose(n)
	if err != nil {
		return err
	}

	up := row{what: "up -d, image present, project new", against: "create + start", services: n}
	nothing := row{what: "up -d, nothing changed", against: "GET instances?recursion=2", services: n}
	briefly := row{what: "up -d, nothing changed", against: "GET instances?recursion=1", services: n}
	plan := row{what: "icc plan, nothing changed", against: "GET instances?recursion=2", services: n}
	down := row{what: "down", against: "stop + delete", services: n}
	forced := row{what: "down", against: "forced stop + delete", services: n}

	if n == barSize {
		up.bar, down.bar, nothing.bar = 1.3, 1.3, 1.5
	}

	if n == planSize {
		plan.bar = 1.5
	}

	for run := range b.runs {
		fmt.Fprintf(os.Stderr, "%d services, run %d of %d\n", n, run+1, b.runs)

		made, err := b.floorRun(ctx, n, &forced, &down)
		if err != nil {
			return err
		}

		took, err := b.run(ctx, "-f", file, "up", "-d")
		if err != nil {
			return err
		}

		up.add(made, took.elapsed)

		if err := b.unchanged(ctx, file, &nothing, &briefly, &plan); err != nil {
			return err
		}

		if took, err = b.run(ctx, "-f", file, "down"); err != nil {
			return err
		}

		down.icc = append(down.icc, took.elapsed)
		forced.icc = append(forced.icc, took.elapsed)
	}

	b.rows = append(b.rows, up, down, forced, nothing, briefly, plan)

	return nil
}

// floorRun makes and removes the floor's containers twice, once by force, and returns how long making them took the
// second time.
func (b *bench) floorRun(ctx context.Context, n int, forced, down *row) (time.Duration, error) {
	if err := b.floor.up(ctx, n); err != nil {
		return 0, err
	}

	removed, err := clock(func() error { return b.floor.down(ctx, n, true) })
	if err != nil {
		return 0, err
	}

	forced.floor = append(forced.floor, removed)

	made, err := clock(func() error { return b.floor.up(ctx, n) })
	if err != nil {
		return 0, err
	}

	removed, err = clock(func() error { return b.floor.down(ctx, n, false) })
	down.floor = append(down.floor, removed)

	return made, err
}

// unchanged measures a no-op up and a plan against the listings that they cannot do without.
func (b *bench) unchanged(ctx context.Context, file string, full, brief, plan *row) error {
	instances, err := b.instances()
	if err != nil {
		return err
	}

	server := b.server.UseProject(instances[0].Project)

	for range questions {
		two, err := clock(func() error { _, err := server.GetInstancesFull(api.InstanceTypeAny); return err })
		if err != nil {
			return err
		}

		one, err := clock(func() error { _, err := server.GetInstances(api.InstanceTypeAny); return err })
		if err != nil {
			return err
		}

		took, err := b.run(ctx, "-f", file, "up", "-d")
		if err != nil {
			return err
		}

		full.add(two, took.elapsed)
		brief.add(one, took.elapsed)

		if took, err = b.run(ctx, "-f", file, "plan"); err != nil {
			return err
		}

		plan.add(two, took.elapsed)
	}

	return nil
}
