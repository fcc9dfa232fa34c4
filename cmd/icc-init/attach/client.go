package attach

import (
	"io"
	"sync"
)

// client is PID 1's side of one that is attached.
type client struct {
	*outbox
	conn    io.ReadWriteCloser
	closing sync.Once
}

func newClient(conn io.ReadWriteCloser, patient bool) *client {
	return &client{outbox: newOutbox(conn, patient), conn: conn}
}

// serve runs until the client is gone.
func (c *client) serve(h *Hub, kill func(signal byte)) {
	var done sync.WaitGroup
	done.Go(func() {
		c.send()
		c.close()
	})
	chunks := make(chan []byte, 1)
	go c.feed(h, chunks) // is not waited for: a process that does not read its input would keep the client
	c.receive(h, kill, chunks)
	close(chunks)
	c.close()
	done.Wait()
}

// receive reads the client's frames until it goes away.
func (c *client) receive(h *Hub, kill func(signal byte), chunks chan<- []byte) {
	frames := reader{from: c.conn}
	for {
		k, payload, err := frames.next()
		if err != nil {
			return
		}
		switch k {
		case frameInput, frameInputEnd:
			chunk := []byte(nil) // the end
			if k == frameInput {
				chunk = append(make([]byte, 0, len(payload)), payload...)
			}
			select {
			case chunks <- chunk:
			case <-c.gone:
				return
			}
		case frameSize:
			h.resize(sizeFrom(payload), false)
		case frameSignal:
			if len(payload) == 1 {
				kill(payload[0])
			}
		}
	}
}

// feed passes the client's input on, one chunk at a time.
func (c *client) feed(h *Hub, chunks <-chan []byte) {
	for chunk := range chunks {
		if chunk != nil {
			h.input.write(chunk, c.gone)
			c.confirm()
		} else {
			h.input.end(c.gone, h.hasTerminal)
		}
	}
}

func (c *client) close() {
	c.closing.Do(func() {
		close(c.gone)
		c.conn.Close()
	})
}
