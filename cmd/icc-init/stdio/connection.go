package stdio

import (
	"io"
	"os"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/sdk/initspec"
)

// Log is where output is kept.
type Log interface {
	// Stream returns where the stream's bytes go.
	Stream(name string) io.Writer
}

// Connection copies between a process' streams, the log and the hub.
type Connection struct {
	ends Ends
	hub  *attach.Hub
	done chan struct{}
}

// Connect starts copying. It takes over the ends.
func Connect(ends Ends, log Log, hub *attach.Hub) *Connection {
	c := &Connection{ends: ends, hub: hub, done: make(chan struct{})}
	hub.Terminal(ends.Terminal)
	switch {
	case ends.Terminal != nil && !ends.Deaf:
		hub.Input(ends.Terminal)
	case ends.In != nil:
		hub.Input(ends.In)
	default:
		hub.Input(nobody{})
	}
	var sources []source
	for _, s := range []struct {
		from *os.File
		name string
	}{{ends.Out, initspec.Stdout}, {ends.Err, initspec.Stderr}, {ends.Terminal, initspec.Stdout}} {
		if s.from != nil {
			sources = append(sources, source{s.from, []io.Writer{log.Stream(s.name), hub.Output(s.name)}})
		}
	}
	go func() { pump(sources, ends.ended); close(c.done) }()
	return c
}

// End takes what the process has written and disconnects. It waits at most for the patience, in case that a process
// that is still alive keeps a stream open. Only ends that were made by Open can be left before their time.
func (c *Connection) End(patience time.Duration) {
	c.hub.Input(nil)
	c.hub.Terminal(nil)
	select {
	case <-c.done:
	case <-time.After(patience):
	}
	c.ends.stop() // copying that goes on
	<-c.done
	c.ends.Close()
}

// Done is closed when all output is copied, because nobody has the streams open any more.
func (c *Connection) Done() <-chan struct{} { return c.done }

// nobody takes the input of clients for a process without stdin.
type nobody struct{}

func (nobody) Write(p []byte) (int, error) { return len(p), nil }
func (nobody) Close() error                { return nil }
