package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/resource"
)

// Exit codes; exec passes the command's own on.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
	exitBrokenPipe  = 141 // as a shell tells of those that SIGPIPE ends
)

// gcPercent lets the heap grow to about 36 MB before the first collection: most runs of icc end before, and collecting
// would be a quarter of their time.
const gcPercent = 800

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	cli.FlagStringer = flagText
	os.Exit(run(os.Args))
}

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal the run winds down in order; a second one ends icc at once.
	context.AfterFunc(ctx, stop)

	app := newApp()
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	out := &stdout{to: os.Stdout, end: end}
	app.Writer = out
	err := app.RunContext(running, permute(app, args))
	if failure := out.failure(); failure != nil {
		err = failure // all others are its consequences
	}
	return report(ctx, err)
}

// report prints an error the way users read it and returns the exit code.
func report(ctx context.Context, err error) int {
	var code exitCode
	var usage *usageError
	var output *outputError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &output) && errors.Is(err, syscall.EPIPE):
		return exitBrokenPipe // nobody reads on, which is no mistake
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "error: %v\n  hint: %s\n", err, usage.Hint())
		if usage.command == "plan" || usage.command == "diff" {
			return exitFailure // their 2 means something else
		}
		return exitUsage
	case ctx.Err() != nil:
		if !errors.Is(err, context.Canceled) {
			printErrors(os.Stderr, err)
		}
		fmt.Fprintln(os.Stderr, "interrupted")
		return exitInterrupted
	}
	printErrors(os.Stderr, err)
	return exitFailure
}

// exitCode ends icc with a code and prints nothing.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// printErrors prints each of the errors that were joined, with its hint.
func printErrors(w *os.File, err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			printErrors(w, one)
		}
		return
	}
	if errors.Is(err, context.Canceled) && !errors.Is(err, resource.ErrUnknown) {
		return
	}
	fmt.Fprintf(w, "error: %v\n", err)
	if hint := resource.Hint(err); hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", hint)
	}
}
