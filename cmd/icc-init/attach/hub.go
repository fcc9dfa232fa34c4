package attach

import (
	"context"
	"io"
	"os"
)

// Hub is where the main process' streams and the attached clients meet. It outlives restarts of the process.
type Hub struct{}

// NewHub returns a hub nobody is attached to.
func NewHub() *Hub { return &Hub{} }

// Output returns where the process' output of the stream initspec.Stdout or initspec.Stderr goes. Its Write never fails.
func (h *Hub) Output(stream string) io.Writer { return io.Discard }

// Input sets where the clients' input goes: the process' stdin or terminal, nil while there is no process (input waits).
// At the end of a client's input w is closed, unless there is a terminal. A process without stdin is given io.Discard's
// like: input is then read and forgotten.
func (h *Hub) Input(w io.WriteCloser) {}

// Terminal sets the process' terminal, which gets the size of the clients' terminals; nil when there is none.
func (h *Hub) Terminal(f *os.File) {}

// Attached is closed when somebody attaches for the first time.
func (h *Hub) Attached() <-chan struct{} { return nil }

// End tells the clients, now and to come, that the process has ended for good with the exit code, after its output. It
// returns when all are gone or ctx is done; PID 1 must not end before.
func (h *Hub) End(ctx context.Context, code int) {}
