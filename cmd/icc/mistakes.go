package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/suggest"
)

// usageError is a mistake in the command line.
type usageError struct {
	// command is the one whose help explains more; empty means icc itself.
	command string
	text    string
	// hint replaces the reference to the help.
	hint string
}

func (e *usageError) Error() string { return e.text }

// Hint says what to do next.
func (e *usageError) Hint() string {
	switch {
	case e.hint != "":
		return e.hint
	case e.command != "":
		return "see `icc " + e.command + " --help`"
	}
	return "see `icc --help`"
}

// unknownCommand is the error for a name that no command has. Users of docker compose learn what to use instead.
func unknownCommand(known []*cli.Command, name string) error {
	err := &usageError{text: fmt.Sprintf("there is no command %q", name)}
	var names []string
	for _, c := range known {
		names = append(names, c.Names()...)
	}
	if best := suggest.Nearest(name, names); best != "" {
		err.hint = fmt.Sprintf("did you mean %q? `icc --help` lists the commands", best)
	} else if instead := insteadOf(name); instead != "" {
		err.hint = instead
	}
	return err
}

// insteadOf says how to do what a command of docker compose does that icc does not have.
func insteadOf(command string) string {
	switch command {
	case "port":
		return "`icc ps` shows the published ports"
	case "watch":
		return "`icc logs -f` follows what services print"
	case "stats":
		return "use `incus top`"
	case "cp", "pause", "unpause", "events", "commit", "export":
		return "icc does not have this command of docker compose; `icc --help` lists those it has"
	}
	return ""
}

// explainFlags turns a complaint of the flag parser into words that show the flag as the user wrote it.
func explainFlags(known []cli.Flag, args []string, complaint string) (text, hint string) {
	if name, ok := strings.CutPrefix(complaint, "flag provided but not defined: -"); ok {
		var names []string
		for _, f := range known {
			names = append(names, f.Names()...)
		}
		if best := suggest.Nearest(name, names); len(best) > 1 {
			hint = "did you mean --" + best + "?"
		}
		return "there is no flag " + dashed(name, args), hint
	}
	if name, ok := strings.CutPrefix(complaint, "flag needs an argument: -"); ok {
		return dashed(name, args) + " needs a value", ""
	}
	if rest, ok := strings.CutPrefix(complaint, "invalid value "); ok {
		value, rest, _ := strings.Cut(rest, " for flag -")
		name, _, _ := strings.Cut(rest, ": ")
		return fmt.Sprintf("%s %s is not %s", dashed(name, args), value, wantedValue(known, name)), ""
	}
	if rest, ok := strings.CutPrefix(complaint, "invalid boolean value "); ok {
		value, rest, _ := strings.Cut(rest, " for -")
		name, _, _ := strings.Cut(rest, ": ")
		return fmt.Sprintf("%s takes true or false, not %s", dashed(name, args), value), ""
	}
	return complaint, ""
}

// dashed returns the flag with the dashes that the user wrote, or should have written.
func dashed(name string, args []string) string {
	if len(name) == 1 || slices.Contains(args, "-"+name) {
		return "-" + name
	}
	return "--" + name
}

func wantedValue(known []cli.Flag, name string) string {
	if _, number := findFlag(known, name).(*cli.IntFlag); number {
		return "a whole number"
	}
	return "a value that it takes"
}
