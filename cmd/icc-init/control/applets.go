package control

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/icc-project/icc/cmd/icc-init/control/socket"
	"github.com/icc-project/icc/sdk/initspec"
)

// Exit codes of applets.
const (
	codeFailed = 1
	codeUsage  = 2
	// codeGone is that of a process that was killed with its container.
	codeGone = 137
)

// RunKill is the applet kill: kill SIGNAL.
func RunKill(args []string) int { return inContainer().kill(args) }

// RunGrace is the applet grace: grace MILLISECONDS.
func RunGrace(args []string) int { return inContainer().grace(args) }

// RunWait is the applet wait: wait healthy | wait exit. It returns the exit codes initspec.Wait*.
func RunWait(args []string) int { return inContainer().wait(args) }

// RunReload is the applet reload. It returns the exit codes initspec.Reload*.
func RunReload(args []string) int { return inContainer().reload(args) }

// RunAttach is the applet attach: attach [-i] [-t]. It returns the exit code of the main process.
func RunAttach(args []string) int { return inContainer().attach(args) }

// applet is the process that asks PID 1.
type applet struct {
	socket      string
	in          *os.File
	out, errOut io.Writer
}

func inContainer() applet {
	return applet{
		socket: filepath.Join(initspec.Dir, initspec.ControlSocket),
		in:     os.Stdin,
		out:    os.Stdout,
		errOut: os.Stderr,
	}
}

func (a applet) kill(args []string) int {
	if len(args) != 1 {
		return a.usage("kill SIGNAL")
	}
	sig, err := ParseSignal(args[0])
	if err != nil {
		return a.fail(codeUsage, err)
	}
	return a.ask(request{Verb: verbKill, Signal: int(sig)})
}

func (a applet) grace(args []string) int {
	if len(args) != 1 {
		return a.usage("grace MILLISECONDS")
	}
	ms, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return a.usage("grace MILLISECONDS")
	}
	return a.ask(request{Verb: verbGrace, Milliseconds: ms})
}

func (a applet) reload(args []string) int {
	if len(args) != 0 {
		return a.usage("reload")
	}
	return a.ask(request{Verb: verbReload})
}

func (a applet) wait(args []string) int {
	if len(args) != 1 || args[0] != untilHealthy && args[0] != untilExit {
		return a.usage("wait healthy | wait exit")
	}
	conn, err := a.dial()
	if err != nil {
		return a.fail(codeFailed, err)
	}
	defer conn.Close()
	var got answer
	if err := send(conn, request{Verb: verbWait, Until: args[0]}); err == nil && receive(conn, &got) == nil {
		return got.Code
	}
	if args[0] == untilExit { // PID 1 is ending, and so its process has
		return initspec.WaitDone
	}
	return initspec.WaitEnded
}

// ask sends a request that is answered at once.
func (a applet) ask(r request) int {
	conn, err := a.dial()
	if err != nil {
		return a.fail(codeFailed, err)
	}
	defer conn.Close()
	var got answer
	if err := send(conn, r); err != nil {
		return a.fail(codeFailed, fmt.Errorf("asking PID 1: %w", err))
	}
	if err := receive(conn, &got); err != nil {
		return a.fail(codeFailed, fmt.Errorf("hearing from PID 1: %w", err))
	}
	if got.Error != "" {
		_, _ = fmt.Fprintln(a.errOut, got.Error)
		return codeFailed
	}
	return got.Code
}

// dial connects to PID 1, which is always there, but may have lost its directory.
func (a applet) dial() (*os.File, error) {
	conn, err := socket.Dial(a.socket)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("icc-init cannot be asked, because its directory was emptied; a restart of the instance mends that: %w", err)
	}
	return conn, err
}

func (a applet) usage(text string) int {
	_, _ = fmt.Fprintf(a.errOut, "usage: %s %s\n", initspec.Path, text)
	return codeUsage
}

func (a applet) fail(code int, err error) int {
	_, _ = fmt.Fprintln(a.errOut, err)
	return code
}
