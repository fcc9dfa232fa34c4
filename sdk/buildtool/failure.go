package buildtool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/icc-project/icc/sdk/resource"
)

// Advice finds a hint for the last lines of a failed build, "" for none.
type Advice func(tail string) string

// Explain says what it means that Run returned err. The last lines are part of the error: the rest may have scrolled
// away.
func (j *Job) Explain(log *Log, err error, advice Advice) error {
	if !Failed(err) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return resource.ErrBuild.WithText("running " + j.tool).Wrap(err)
	}
	tail := log.Tail()
	if signal := killedBy(err); signal != nil {
		return resource.ErrBuild.
			WithText(fmt.Sprintf("building %s ended%s: %s was killed by somebody else (%v)\n%s", j.Request.Name, log.at(j.Request.Build), j.tool, signal, indent(tail))).
			WithHint("run it again; the kernel kills programs, too, when memory is short (see dmesg)")
	}
	hint := advice(tail)
	if hint == "" {
		hint = fmt.Sprintf("correct the Containerfile; the lines above are the last that %s printed", j.tool)
	}
	return resource.ErrBuild.
		WithText(fmt.Sprintf("building %s failed%s\n%s", j.Request.Name, log.at(j.Request.Build), indent(tail))).
		WithHint(hint)
}

// Failed says whether the tool ran and ended by itself, with a failure.
func Failed(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit)
}

// killedBy returns the signal that ended the tool, or nil.
func killedBy(err error) os.Signal {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return nil
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal()
	}
	return nil
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

// LastLine returns the last line of a tool's output, which is most often the reason of a failure.
func LastLine(text string, otherwise error) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return otherwise.Error()
	}
	line := text[strings.LastIndexByte(text, '\n')+1:]
	for _, noise := range []string{"Error: ", "ERROR: "} {
		line = strings.TrimPrefix(line, noise)
	}
	return line
}
