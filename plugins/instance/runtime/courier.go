package runtime

import (
	"context"
	"fmt"
	"sync"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk/resource"
)

// Target is the runtime volume of a Compose project and how to fill it.
type Target struct {
	Pool, Volume string
	// Project is the Compose project, whose mark the volume gets.
	Project string
	// Architecture is the server's in Incus' words; empty means that the server is asked.
	Architecture string
	// ProgramDir has the builds of icc-init; empty means the directory of this process' executable.
	ProgramDir string
}

// Courier brings icc-init into the runtime volume and makes the instances' directories there. Concurrent actions share
// one: what has to be done is done once, by whoever comes first.
type Courier struct {
	target  Target
	server  incus.InstanceServer
	volumes *Volumes

	program shared[*Program]
	volume  shared[*found]
	upload  shared[struct{}]

	mu sync.Mutex
	// files stays open until Close, so that the actions of one command share one connection.
	files *Volume
	// made are the instances whose directory this process has seen to.
	made map[string]bool
}

// NewCourier returns a Courier that has done nothing yet.
func NewCourier(server incus.InstanceServer, volumes *Volumes, target Target) *Courier {
	return &Courier{target: target, server: server, volumes: volumes, made: map[string]bool{}}
}

// For returns the Courier for the place where an instance was told to look, which is another volume when the project's
// storage pool has changed since.
func (c *Courier) For(p Place) *Courier {
	if p.Pool == c.target.Pool && p.Volume == c.target.Volume {
		return c
	}
	other := c.target
	other.Pool, other.Volume = p.Pool, p.Volume
	return NewCourier(c.server, c.volumes, other)
}

// Prepare makes sure that the volume exists, so that instances can be created with it, and begins to deliver icc-init,
// which only their start needs.
func (c *Courier) Prepare(ctx context.Context) error {
	if c.target.Pool == "" {
		return resource.ErrNotFound.WithText("it is not known which storage pool icc-init's volume goes to").
			WithHint("choose one with --storage-pool, or give the default profile a root disk")
	}
	program, volume := c.program.begin(ctx, c.readProgram), c.volume.begin(ctx, c.ensureVolume)
	if _, err := program.wait(ctx); err != nil { // before anything is made
		return err
	}
	if _, err := volume.wait(ctx); err != nil {
		return err
	}
	c.upload.begin(ctx, c.deliver)
	return nil
}

// Deliver returns when icc-init is in the volume.
func (c *Courier) Deliver(ctx context.Context) error {
	if err := c.Prepare(ctx); err != nil {
		return err
	}
	_, err := c.upload.begin(ctx, c.deliver).wait(ctx)
	return err
}

// Again forgets what has been done. It is for when the server shows that it is so no more.
func (c *Courier) Again() {
	c.volume.reset()
	c.upload.reset()
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.made)
}

// Close gives the connection back.
func (c *Courier) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files != nil {
		c.files.Close()
		c.files = nil
	}
}

// open returns the volume's files.
func (c *Courier) open() *Volume {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil {
		c.files = c.volumes.Open(context.Background(), c.target.Pool, c.target.Volume)
	}
	return c.files
}

func (c *Courier) readProgram(context.Context) (*Program, error) {
	architecture := c.target.Architecture
	if architecture == "" {
		server, _, err := c.server.GetServer()
		if err != nil {
			return nil, fmt.Errorf("asking the server for its architecture: %w", err)
		}
		if len(server.Environment.Architectures) > 0 {
			architecture = server.Environment.Architectures[0]
		}
	}
	return ReadProgram(c.target.ProgramDir, architecture)
}
