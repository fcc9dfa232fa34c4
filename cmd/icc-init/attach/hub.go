package attach

import (
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// Hub is where the main process' streams and the attached clients meet. It outlives restarts of the process.
type Hub struct {
	input    input
	count    atomic.Int32 // of clients, so that output costs nothing while there is none
	wrote    atomic.Bool  // there has been output
	attached chan struct{}

	mu       sync.Mutex
	clients  map[*client]bool
	left     chan struct{} // closed, and replaced, when a client goes
	terminal *os.File
	size     Size // the latest that a client has asked for
	exit     *int // set when the process has ended for good
}

// NewHub returns a hub nobody is attached to.
func NewHub() *Hub {
	return &Hub{
		input:    input{changed: make(chan struct{})},
		attached: make(chan struct{}),
		clients:  map[*client]bool{},
		left:     make(chan struct{}),
	}
}

// Attached is closed when somebody attaches for the first time.
func (h *Hub) Attached() <-chan struct{} { return h.attached }

// Output returns where the process' output of the stream initspec.Stdout or initspec.Stderr goes. Its Write never fails.
func (h *Hub) Output(stream string) io.Writer {
	if stream == initspec.Stderr {
		return output{hub: h, kind: frameStderr}
	}
	return output{hub: h, kind: frameStdout}
}

type output struct {
	hub  *Hub
	kind kind
}

func (o output) Write(p []byte) (int, error) {
	o.hub.wrote.Store(true)
	if o.hub.count.Load() == 0 {
		return len(p), nil
	}
	for _, c := range o.hub.all() {
		c.output(o.kind, p)
	}
	return len(p), nil
}

func (h *Hub) all() []*client {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*client, 0, len(h.clients))
	for c := range h.clients {
		all = append(all, c)
	}
	return all
}

// Input sets where the clients' input goes: the process' stdin or terminal, nil while there is no process (input waits).
// At the end of a client's input w is closed, unless there is a terminal, which is set before. A process without stdin is given something that
// forgets what is written.
func (h *Hub) Input(w io.WriteCloser) { h.input.set(w) }

// Terminal sets the process' terminal, which gets the size of the clients' terminals; nil when there is none.
func (h *Hub) Terminal(f *os.File) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.terminal = f
	if f != nil && h.size.known() {
		_ = h.size.Apply(f) // a terminal that ends just now needs no size
	}
}

func (h *Hub) hasTerminal() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.terminal != nil
}

// resize gives the process' terminal the size of a client's. When it has it already, it gets another one for a moment: the
// process is to draw its screen for who has just come.
func (h *Hub) resize(size Size, redraw bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !size.known() {
		return
	}
	h.size = size
	if h.terminal == nil {
		return
	}
	if now, err := TerminalSize(h.terminal); err == nil && now == size && redraw {
		_ = Size{Rows: size.Rows + 1, Cols: size.Cols}.Apply(h.terminal)
	}
	_ = size.Apply(h.terminal)
}

// Attach serves a client until it goes away or has been told the process' end. It closes conn.
func (h *Hub) Attach(conn io.ReadWriteCloser, size Size, kill func(signal byte)) {
	c := newClient(conn, !h.wrote.Load())
	h.resize(size, true)
	h.enter(c)
	c.serve(h, kill)
	h.leave(c)
}

func (h *Hub) enter(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clients[c] = true
	h.count.Add(1)
	if h.exit != nil {
		c.exit(*h.exit)
	}
	select {
	case <-h.attached:
	default:
		close(h.attached)
	}
}

func (h *Hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	h.count.Add(-1)
	close(h.left)
	h.left = make(chan struct{})
}

// End tells the clients, now and to come, that the process has ended for good with the exit code, after its output. It
// returns when all are gone, or none has taken anything for standstill, or ctx is done; PID 1 must not end before.
func (h *Hub) End(ctx context.Context, code int, standstill time.Duration) {
	begin := time.Now()
	h.mu.Lock()
	h.exit = &code
	for c := range h.clients {
		c.exit(code)
	}
	h.mu.Unlock()
	for {
		h.mu.Lock()
		n, left := len(h.clients), h.left
		h.mu.Unlock()
		if n == 0 {
			return
		}
		patience := time.Until(h.taken(begin).Add(standstill))
		if patience <= 0 || ctx.Err() != nil {
			for _, c := range h.all() {
				c.close()
			}
			return
		}
		select {
		case <-left:
		case <-ctx.Done():
		case <-time.After(patience):
		}
	}
}

// taken is when a client last took something, at least begin.
func (h *Hub) taken(begin time.Time) time.Time {
	for _, c := range h.all() {
		if at := c.progress(); at.After(begin) {
			begin = at
		}
	}
	return begin
}
