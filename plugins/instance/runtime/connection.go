package runtime

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"github.com/icc-project/icc/sdk/resource"
)

// patience is how long the server may take to answer. Only a file that was swapped for a pipe between two questions
// keeps it from answering, and then for ever.
const patience = 30 * time.Second

// connection is one SFTP connection, dialled when it is first needed and again after it broke.
type connection struct {
	dial  func(context.Context) (*sftp.Client, error)
	users int // guarded by the mutex of Volumes

	mu     sync.Mutex
	client *sftp.Client
	ended  bool
}

// do asks the server something. ask may be called twice, because a connection that turns out to be broken is replaced
// once; its client must not be kept beyond errors. When ctx ends or the server keeps silent, do returns and ask goes on
// until the connection is closed.
func (c *connection) do(ctx context.Context, ask func(*sftp.Client) error) error {
	err := c.once(ctx, ask)
	if broken(err) && ctx.Err() == nil {
		err = c.once(ctx, ask)
	}
	return err
}

func (c *connection) once(ctx context.Context, ask func(*sftp.Client) error) error {
	client, err := c.get(ctx)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- ask(client) }()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		if broken(err) {
			c.drop(client)
		}
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		c.drop(client)
		return resource.ErrTimeout.WithText("the server does not answer")
	}
}

func (c *connection) get(ctx context.Context) (*sftp.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return nil, net.ErrClosed
	}
	if c.client != nil {
		return c.client, nil
	}
	client, err := c.dial(ctx)
	if err == nil {
		c.client = client
	}
	return client, err
}

// drop closes a client that is of no use any more, unless somebody else has done so.
func (c *connection) drop(client *sftp.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == client {
		c.client = nil
		go func() { _ = client.Close() }() // which waits for what is being asked
	}
}

func (c *connection) end() {
	c.mu.Lock()
	client := c.client
	c.client, c.ended = nil, true
	c.mu.Unlock()
	if client != nil {
		go func() { _ = client.Close() }()
	}
}

// broken reports whether the error is about the connection and not about a file.
func broken(err error) bool {
	return errors.Is(err, sftp.ErrSSHFxConnectionLost) || errors.Is(err, sftp.ErrSSHFxNoConnection) ||
		errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed)
}
