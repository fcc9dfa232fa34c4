package launch

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// Exit codes of what did not run, as with shells and Docker.
const (
	CodeCannotRun = 126
	CodeNotFound  = 127
)

// Failure says why a command was not run.
type Failure struct {
	Code int    `json:"code"`
	Text string `json:"text"`
}

func (f *Failure) Error() string { return f.Text }

func cannotRun(format string, args ...any) *Failure {
	return &Failure{Code: CodeCannotRun, Text: fmt.Sprintf(format, args...)}
}

// maxString is the kernel's bound for one argument or variable (MAX_ARG_STRLEN) with its end.
const maxString = 32 * 4096

// tooLong explains E2BIG: which string is over the bound, or that all are together.
func tooLong(program string, argv, env []string) *Failure {
	for _, a := range argv {
		if len(a) >= maxString {
			return cannotRun("exec %s: an argument of %d bytes is too long: Linux allows %d", program, len(a), maxString-1)
		}
	}
	for _, e := range env {
		if len(e) >= maxString {
			name, _, _ := strings.Cut(e, "=")
			return cannotRun("exec %s: the environment variable %s has %d bytes with its name: Linux allows %d", program, name, len(e), maxString-1)
		}
	}
	return cannotRun("exec %s: arguments and environment are too long together", program)
}

func execFailure(program string, argv, env []string, err error) *Failure {
	switch {
	case errors.Is(err, syscall.E2BIG):
		return tooLong(program, argv, env)
	case errors.Is(err, syscall.ENOENT): // the file is there: its interpreter is not
		return &Failure{Code: CodeNotFound, Text: fmt.Sprintf("exec %s: no such file or directory: its interpreter is missing in the image", program)}
	case errors.Is(err, syscall.ENOEXEC):
		return cannotRun("exec %s: exec format error: it is no program for this machine, or a script without #!", program)
	default:
		return cannotRun("exec %s: %v", program, err)
	}
}
