package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/urfave/cli/v2"
)

// globalFlags are docker compose's, and icc's own.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "compose `FILE`; may be repeated, - reads standard input (COMPOSE_FILE)"},
		&cli.StringFlag{Name: "project-name", Aliases: []string{"p"}, Usage: "project `NAME` (COMPOSE_PROJECT_NAME)"},
		&cli.StringFlag{Name: "project-directory", Usage: "`DIR` that relative paths refer to"},
		&cli.StringSliceFlag{Name: "profile", Usage: "enable a `PROFILE`; may be repeated (COMPOSE_PROFILES)"},
		&cli.StringSliceFlag{Name: "env-file", KeepSpace: true, Usage: "read variables from `FILE` instead of .env; may be repeated"},
		&cli.IntFlag{Name: "parallel", Usage: "run at most `N` actions at once", EnvVars: []string{"COMPOSE_PARALLEL_LIMIT"}},
		&cli.StringFlag{Name: "progress", Usage: "show progress as `MODE`: auto, tty, plain, json or quiet", Value: "auto", EnvVars: []string{"COMPOSE_PROGRESS"}},
		&cli.StringFlag{Name: "ansi", Usage: "use control characters as `MODE` says: never, always or auto", Value: "auto", EnvVars: []string{"COMPOSE_ANSI"}},
		&cli.StringFlag{Name: "remote", Usage: "Incus remote `NAME` or URL (default: the client configuration's)", EnvVars: []string{"ICC_REMOTE"}},
		&cli.StringFlag{Name: "incus-project", Usage: "work inside the existing Incus project `NAME`", EnvVars: []string{"ICC_INCUS_PROJECT"}},
		&cli.StringFlag{Name: "storage-pool", Usage: "storage `POOL` for volumes and root disks", EnvVars: []string{"ICC_STORAGE_POOL"}},
		&cli.StringSliceFlag{Name: "plugin-dir", Usage: "search `DIR` for plugins first; may be repeated (ICC_PLUGIN_DIR)"},
		&cli.StringFlag{Name: "builder", Usage: "build images with `NAME` instead of the best available builder (ICC_BUILDER)"},
		dryRunFlag(),
		&cli.BoolFlag{Name: "all-resources", Usage: "include networks and volumes that no service uses"},
		&cli.BoolFlag{Name: "compatibility", Usage: "refused: Incus allows no underscores in names", Hidden: true, EnvVars: []string{"COMPOSE_COMPATIBILITY"}},
		&cli.BoolFlag{Name: "debug", Usage: "log what icc and its plugins do", EnvVars: []string{"ICC_DEBUG"}},
		&cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "print icc's version"},
		cli.HelpFlag, // the library leaves it out where there is a help command
	}
}

func dryRunFlag() cli.Flag {
	return &cli.BoolFlag{Name: "dry-run", Usage: "show what would be done and do nothing"}
}

// dryRun reports whether --dry-run was given, before the command or behind it.
func dryRun(c *cli.Context) bool {
	return slices.ContainsFunc(c.Lineage(), func(l *cli.Context) bool { return l.Bool("dry-run") })
}

// checkGlobals refuses values that would be ignored otherwise.
func checkGlobals(c *cli.Context) error {
	if ansi := c.String("ansi"); !slices.Contains([]string{"never", "always", "auto"}, ansi) {
		return &usageError{text: fmt.Sprintf("--ansi %q is not known", ansi), hint: "use one of never, always, auto"}
	}
	for _, dir := range c.StringSlice("plugin-dir") {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return &usageError{text: fmt.Sprintf("--plugin-dir %q is no directory", dir), hint: "correct it, or leave it out to use the plugins that are installed"}
		}
	}
	if c.Bool("compatibility") {
		return &usageError{text: "--compatibility names containers with underscores, which Incus does not allow", hint: "leave it out, and unset COMPOSE_COMPATIBILITY"}
	}
	return nil
}
