package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func execCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "exec",
		Usage:     "Run a command in a running instance",
		ArgsUsage: "SERVICE COMMAND [ARGUMENT...]",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "index", Usage: "use the instance with this `NUMBER`; the first running one otherwise"},
			&cli.StringSliceFlag{Name: "env", Aliases: []string{"e"}, Usage: "set a variable, as `KEY=VALUE`; KEY alone passes icc's own on"},
			&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Usage: "run as `USER`[:GROUP]"},
			&cli.StringFlag{Name: "workdir", Aliases: []string{"w"}, Usage: "run in `DIR`"},
			&cli.BoolFlag{Name: "no-tty", Aliases: []string{"T"}, Usage: "no pseudo terminal, even on a terminal"},
			&cli.BoolFlag{Name: "interactive", Aliases: []string{"i"}, Usage: "pass standard input on", Value: true, Hidden: true},
			// icc takes a terminal where there is one; the flag is docker's, so that a habitual -it is understood.
			&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Usage: "a pseudo terminal where there is one", Value: true, Hidden: true},
		},
		Action: runExec,
	})
}

func runExec(c *cli.Context) error {
	args := c.Args().Slice()
	if len(args) < 2 {
		return &usageError{command: "exec", text: "exec needs a service and a command"}
	}
	// Ctrl-C belongs to the command: it is passed on and must not end the session.
	c.Context = context.WithoutCancel(c.Context)
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	target, err := s.execTarget(args[0], c.Int("index"))
	if err != nil {
		return err
	}
	tty := !c.Bool("no-tty") && c.Bool("tty") && term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
	req := sdk.SessionRequest{
		Verb: sdk.SessionExec, Args: args[1:], Environment: execEnvironment(c.StringSlice("env"), tty),
		WorkingDir: c.String("workdir"), User: c.String("user"), TTY: tty, Stdin: c.Bool("interactive"),
	}
	code, err := runSession(c.Context, s, target, req)
	if err != nil {
		return err
	}
	if code != 0 {
		return exitCode(code)
	}
	return nil
}

// execTarget returns the running instance to run in.
func (s *session) execTarget(service string, index int) (instance, error) {
	list, err := s.servicesInstances([]string{service})
	if err != nil {
		return instance{}, err
	}
	for _, i := range list {
		if index != 0 && i.Number != index {
			continue
		}
		if i.State.Status == resource.StatusRunning {
			return i, nil
		}
		if index != 0 {
			return i, resource.ErrNotRunning.WithText(fmt.Sprintf("instance %s is not running", i.name())).
				WithHint("start it with `icc start " + service + "`")
		}
	}
	if index != 0 {
		return instance{}, resource.ErrNotFound.WithText(fmt.Sprintf("service %q has no instance %d", service, index)).
			WithHint("`icc ps -a` lists the instances")
	}
	return instance{}, resource.ErrNotRunning.WithText(fmt.Sprintf("service %q is not running", service)).
		WithHint("start it with `icc start " + service + "`")
}

func execEnvironment(pairs []string, tty bool) map[string]string {
	env := make(map[string]string)
	if t := os.Getenv("TERM"); tty && t != "" {
		env["TERM"] = t
	}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			if value, ok = os.LookupEnv(key); !ok {
				continue
			}
		}
		env[key] = value
	}
	return env
}

// runSession connects the terminal, or the pipes, to the session until its command ends.
func runSession(ctx context.Context, s *session, target instance, req sdk.SessionRequest) (int, error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH)
	defer signal.Stop(signals)
	if req.TTY {
		restore, err := rawTerminal()
		if err != nil {
			return 0, err
		}
		defer restore()
		req.Window = windowSize()
	}
	stdin := make(chan []byte)
	resize := make(chan sdk.WindowSize, 1)
	forward := make(chan int, 8)
	done := make(chan struct{})
	defer close(done)
	if req.Stdin {
		go readStdin(stdin, done)
	}
	go forwardSignals(signals, forward, resize, done)
	return s.engine.Session(ctx, target.State, req, sdk.SessionIO{
		Stdin: stdin, Resize: resize, Signals: forward,
		Output: func(stream resource.Stream, data []byte) error {
			w := os.Stdout
			if stream == resource.Stderr {
				w = os.Stderr
			}
			_, err := w.Write(data)
			return err
		},
	})
}

func rawTerminal() (restore func(), err error) {
	fd := int(os.Stdin.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("switching the terminal to raw mode: %w", err)
	}
	return func() { _ = term.Restore(fd, state) }, nil
}

func windowSize() sdk.WindowSize {
	w, h, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return sdk.WindowSize{Width: 80, Height: 24}
	}
	return sdk.WindowSize{Width: w, Height: h}
}

// readStdin sends what is typed until end of file or until the session is over.
func readStdin(to chan<- []byte, done <-chan struct{}) {
	defer close(to)
	for {
		buf := make([]byte, 32*1024)
		n, err := os.Stdin.Read(buf)
		if n > 0 {
			select {
			case to <- buf[:n]:
			case <-done:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func forwardSignals(from <-chan os.Signal, to chan<- int, resize chan<- sdk.WindowSize, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case sig := <-from:
			if sig == syscall.SIGWINCH {
				select {
				case resize <- windowSize():
				default: // an older size is on its way; the next change brings the newest
				}
				continue
			}
			if n, ok := sig.(syscall.Signal); ok {
				to <- int(n)
			}
		}
	}
}
