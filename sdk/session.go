package sdk

import "github.com/icc-project/icc/sdk/resource"

// The verbs of sessions with an instance.
const (
	// SessionExec runs a command.
	SessionExec = "exec"
	// SessionExecDetached starts a command, without a terminal and input, and does not wait for its end.
	SessionExecDetached = "exec-detached"
	// SessionAttach connects to the main process; its exit code is that of the process.
	SessionAttach = "attach"
)

// SessionRequest says what to connect to.
type SessionRequest struct {
	Resource    resource.Resolved
	State       resource.State
	Verb        string
	Args        []string
	Environment map[string]string
	WorkingDir  string
	// User is a name or number, with an optional ":group"; empty means the resource's own.
	User string
	// TTY asks for a pseudo terminal; its output comes on stdout alone.
	TTY bool
	// Stdin is false when the remote side's standard input is to be closed from the beginning.
	Stdin  bool
	Window WindowSize
}

// WindowSize is a terminal's size in characters.
type WindowSize struct {
	Width, Height int
}

// SessionIO is the near end of a session. Receivers stop reading when their channel is closed.
type SessionIO struct {
	// Stdin carries what the user types; closing it means end of file.
	Stdin <-chan []byte
	// Resize carries new window sizes, Signals signal numbers.
	Resize  <-chan WindowSize
	Signals <-chan int
	// Output takes what the remote side writes. It may block, and data must not be kept.
	Output func(stream resource.Stream, data []byte) error
}
