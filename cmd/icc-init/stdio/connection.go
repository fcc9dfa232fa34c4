package stdio

import (
	"io"
	"os"
	"sync"
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
	var copies sync.WaitGroup
	for from, name := range map[*os.File]string{ends.Out: initspec.Stdout, ends.Err: initspec.Stderr, ends.Terminal: initspec.Stdout} {
		if from != nil {
			copies.Go(func() { pump(from, log.Stream(name), hub.Output(name)) })
		}
	}
	go func() { copies.Wait(); close(c.done) }()
	return c
}

// End takes what the process has written and disconnects. It waits at most for the patience, in case that a process
// that is still alive keeps a stream open.
func (c *Connection) End(patience time.Duration) {
	c.hub.Input(nil)
	c.hub.Terminal(nil)
	select {
	case <-c.done:
	case <-time.After(patience):
	}
	c.ends.Close() // ends the copying that goes on
	<-c.done
}

// Done is closed when all output is copied, because nobody has the streams open any more.
func (c *Connection) Done() <-chan struct{} { return c.done }

// pump copies until the end; a terminal whose last process is gone ends with EIO. The sinks never fail.
func pump(from io.Reader, sinks ...io.Writer) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		for _, sink := range sinks {
			if n > 0 {
				_, _ = sink.Write(buffer[:n])
			}
		}
		if err != nil {
			return
		}
	}
}

// nobody takes the input of clients for a process without stdin.
type nobody struct{}

func (nobody) Write(p []byte) (int, error) { return len(p), nil }
func (nobody) Close() error                { return nil }
