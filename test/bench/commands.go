//go:build incus

package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// commandRuns is how often commands that do no work on the server are measured.
const commandRuns = 20

// commands measures what costs no work on the server: help, config, and the plan of a large project.
func (b *bench) commands(ctx context.Context, planned int) error {
	file, err := b.compose(20)
	if err != nil {
		return err
	}

	large, err := b.compose(planned)
	if err != nil {
		return err
	}

	for _, m := range []struct {
		row  row
		runs int
		args []string
		took func(usage) time.Duration
	}{
		{row{what: "icc --help, processor time", limit: 25 * time.Millisecond}, commandRuns, []string{"--help"}, cpu},
		{row{what: "icc config, processor time", services: 20}, commandRuns, []string{"-f", file, "config"}, cpu},
		{row{what: "icc ps of a project that does not exist", services: 0}, commandRuns, []string{"-f", file, "ps"}, wall},
		{row{what: "icc plan", services: planned, limit: 2 * time.Second}, b.runs, []string{"-f", large, "plan"}, wall},
	} {
		fmt.Fprintln(os.Stderr, m.row.what)

		for range m.runs {
			took, err := b.run(ctx, m.args...)
			if err != nil {
				return err
			}

			m.row.icc = append(m.row.icc, m.took(took))
		}

		b.rows = append(b.rows, m.row)
	}

	return b.startedPlugins(ctx, file)
}

func cpu(u usage) time.Duration  { return u.cpu }
func wall(u usage) time.Duration { return u.elapsed }

// startedPlugins counts the plugins that config starts. Copies of this program stand in for them: each leaves a mark
// and ends. That they are found at all is shown by plan, which starts plugins and therefore fails.
func (b *bench) startedPlugins(ctx context.Context, file string) error {
	dir, err := os.MkdirTemp(b.dir, "plugins")
	if err != nil {
		return fmt.Errorf("making a folder for plugins: %w", err)
	}

	if err := copySelf(dir, "project", "image", "network", "volume", "instance"); err != nil {
		return err
	}

	if _, err := b.run(ctx, "--plugin-dir", dir, "-f", file, "config"); err != nil {
		return err
	}

	started := len(marks(dir))

	if _, err := b.run(ctx, "--plugin-dir", dir, "-f", file, "plan"); err == nil || len(marks(dir)) == started {
		return fmt.Errorf("plan ran without the plugins in %s: counting those of config proves nothing", dir)
	}

	b.rows = append(b.rows, row{what: "icc config, plugins started", services: 20, counts: true, count: started})

	return nil
}
