package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// permute moves a command's flags before its arguments, because the flag parser stops at the first argument and users
// of docker compose write `up web -d`. Commands in passThrough keep everything behind their first argument: it belongs
// to the command they run.
func permute(app *cli.App, args []string) []string {
	if len(args) == 0 {
		return args
	}
	if slices.Contains(args, "--generate-bash-completion") {
		return withoutPartialFlag(args)
	}
	rest := args[1:]
	head, rest := splitFlags(app.Flags, rest)
	out := append([]string{args[0]}, head...)
	cmds := app.Commands
	var parent *cli.Command
	for len(rest) > 0 {
		cmd := findCommand(cmds, rest[0])
		if cmd == nil && parent != nil && parent.Action != nil {
			return append(out, reorder(parent, rest)...) // like "images web -q" beside "images prune"
		}
		if cmd == nil {
			return append(out, rest...)
		}
		out, rest = append(out, rest[0]), rest[1:]
		if len(cmd.Subcommands) > 0 {
			flags, after := splitFlags(cmd.Flags, rest)
			out, rest, cmds, parent = append(out, flags...), after, cmd.Subcommands, cmd
			continue
		}
		return append(out, reorder(cmd, rest)...)
	}
	return out
}

// withoutPartialFlag drops the flag that is being completed, which the parser would not know. What completes it reads it
// from os.Args.
func withoutPartialFlag(args []string) []string {
	if last := len(args) - 2; last > 0 && strings.HasPrefix(args[last], "-") {
		return slices.Delete(slices.Clone(args), last, last+1)
	}
	return args
}

// passThrough names the commands whose arguments after the first belong to something else.
func passThrough(name string) bool { return name == "exec" || name == "run" }

func reorder(cmd *cli.Command, args []string) []string {
	var flags, operands []string
	asked := false // for help, which would be taken for help on the first operand
	for len(args) > 0 {
		if args[0] == "--" {
			operands = append(operands, args[1:]...)
			break
		}
		args = unglued(cmd.Flags, args)
		if n := flagWidth(cmd.Flags, args); n > 0 {
			asked = asked || args[0] == "--help" || args[0] == "-h"
			flags, args = append(flags, args[:n]...), args[n:]
			continue
		}
		operands, args = append(operands, args[0]), args[1:]
		if passThrough(cmd.Name) {
			operands = append(operands, args...)
			break
		}
	}
	if asked {
		return []string{"--help"}
	}
	if len(operands) > 0 {
		flags = append(flags, "--")
	}
	return append(flags, operands...)
}

// splitFlags returns the leading flags with their values, and what follows.
func splitFlags(known []cli.Flag, args []string) (flags, rest []string) {
	for len(args) > 0 {
		args = unglued(known, args)
		n := flagWidth(known, args)
		if n == 0 {
			break
		}
		flags, args = append(flags, args[:n]...), args[n:]
	}
	return flags, args
}

// unglued takes a short flag and its value at the front of args apart, as docker's parser does: "-t0" is "-t 0", and
// "-dt0" is "-d -t 0".
func unglued(known []cli.Flag, args []string) []string {
	arg := args[0]
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if len(arg) < 3 || arg[0] != '-' || arg[1] == '-' || findFlag(known, name) != nil {
		return args
	}
	for i := 1; i < len(arg)-1; i++ {
		switch f := findFlag(known, arg[i:i+1]); {
		case f == nil || arg[i+1] == '=':
			return args
		case takesValue(f):
			apart := []string{"-" + arg[i:i+1], arg[i+1:]}
			if i > 1 {
				apart = append([]string{arg[:i]}, apart...)
			}
			return append(apart, args[1:]...)
		}
	}
	return args
}

// flagWidth returns how many of args the flag at its front occupies: 0 when there is none, 2 when its value follows.
func flagWidth(known []cli.Flag, args []string) int {
	arg := args[0]
	if !strings.HasPrefix(arg, "-") || arg == "-" || arg == "--" {
		return 0
	}
	if strings.Contains(arg, "=") || len(args) == 1 {
		return 1
	}
	name := strings.TrimLeft(arg, "-")
	if !strings.HasPrefix(arg, "--") && len(name) > 1 && findFlag(known, name) == nil {
		name = name[len(name)-1:] // of combined short flags only the last can take a value
	}
	if f := findFlag(known, name); f != nil && takesValue(f) {
		return 2
	}
	return 1
}

func takesValue(f cli.Flag) bool {
	_, isBool := f.(*cli.BoolFlag)
	return !isBool
}

func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

func findCommand(cmds []*cli.Command, name string) *cli.Command {
	for _, c := range cmds {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}
