package connect

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/go-hclog"
	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
	"github.com/lxc/incus/v6/shared/cliconfig"

	"github.com/icc-project/icc/core/rundir"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// openTimeout bounds the first questions to a server that accepts connections but does not answer.
const openTimeout = 30 * time.Second

// Options say which server to use. The zero value means what the incus command would use.
type Options struct {
	// Remote is the name of a remote of the Incus client configuration, or an https:// or unix:// address.
	Remote string
	// IncusProject is an existing Incus project to work in; its default profile is asked for the storage pool.
	IncusProject string
	// StoragePool overrides the pool of the default profile's root disk. It must exist.
	StoragePool string
	// RuntimeDir is where the proxy's directory is made; empty means $XDG_RUNTIME_DIR or the temporary directory.
	RuntimeDir string
	Logger     hclog.Logger
}

// Connection is an open way to a server, or none when it is offline. It is safe for concurrent use.
type Connection struct {
	target target
	socket string
	server incus.InstanceServer
	info   *api.Server
	pool   poolAnswer
	images map[string]sdk.ImageRemote
	// project is what the user asked to work in, empty when the choice is icc's.
	project string
	proxy   io.Closer
}

// Offline returns a connection to no server, for work that needs none. Its Settings name no socket.
func Offline() *Connection { return &Connection{pool: poolAnswer{err: resource.ErrDisconnected}} }

// Open finds the server, asks it who it is and which storage pool to use, and makes it reachable on a unix socket.
// Errors wrap ErrConfig, ErrNotFound, ErrPermission, ErrTimeout or ErrConnectionFailed, with a hint for the user.
func Open(ctx context.Context, opts Options) (*Connection, error) {
	config, err := loadConfig()
	if err != nil {
		return nil, err
	}
	return openWith(ctx, config, opts)
}

// openWith is Open with an Incus client configuration.
func openWith(ctx context.Context, config *cliconfig.Config, opts Options) (*Connection, error) {
	if opts.Logger == nil {
		opts.Logger = hclog.NewNullLogger()
	}
	t, err := findTarget(config, opts.Remote)
	if err != nil {
		return nil, err
	}
	transport, err := t.transport(config)
	if err != nil {
		return nil, err
	}
	c := &Connection{target: t, images: imageRemotes(config), project: chooseProject(opts.IncusProject, t)}
	token := t.bearerToken(config)
	ask := &asker{base: t.baseURL(), http: transport, token: token}
	if err := c.introduce(ctx, ask, opts.StoragePool); err != nil {
		transport.CloseIdleConnections()
		return nil, err
	}
	c.socket = t.socket
	if t.isRemote() {
		p, err := startProxy(ctx, proxyOptions{
			target: t, transport: transport, token: token, parent: opts.RuntimeDir, log: opts.Logger,
		})
		if err != nil {
			transport.CloseIdleConnections()
			return nil, err
		}
		c.proxy, c.socket = p, p.socket
	} else {
		transport.CloseIdleConnections()
		rundir.Sweep(runtimeParent(opts.RuntimeDir), dirUse) // what a killed run with a proxy has left
	}
	if err := c.dial(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	opts.Logger.Debug("connected", "remote", t.name, "address", t.address(), "version", c.info.Environment.ServerVersion,
		"pool", c.pool.name)
	return c, nil
}

// introduce asks the server for its description, the storage pool and the chosen project at the same time.
func (c *Connection) introduce(ctx context.Context, ask *asker, wantedPool string) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	pool := make(chan poolAnswer, 1)
	go func() { pool <- findPool(ctx, ask, wantedPool, c.project) }()
	project := make(chan error, 1)
	go func() { project <- c.target.findProject(ctx, ask, c.project) }()
	var info api.Server
	if err := ask.get(ctx, "/1.0", &info); err != nil {
		return c.target.explain(ctx, err)
	}
	if info.Auth != "trusted" {
		return c.target.untrusted()
	}
	c.info, c.pool = &info, <-pool
	if err := <-project; err != nil {
		return err
	}
	if wantedPool != "" && c.pool.err != nil {
		return c.pool.err
	}
	return nil
}

// dial opens the client for the engine's own questions; it outlives the context of Open.
func (c *Connection) dial(ctx context.Context) error {
	server, err := incus.ConnectIncusUnixWithContext(context.WithoutCancel(ctx), c.socket, &incus.ConnectionArgs{
		UserAgent: "icc", SkipGetServer: true, SkipGetEvents: true,
	})
	if err != nil {
		return resource.ErrConnectionFailed.Wrap(fmt.Errorf("dialling %s: %w", c.socket, err))
	}
	if c.project != "" {
		server = server.UseProject(c.project)
	}
	c.server = server
	return nil
}

// Close ends the proxy, if there is one, together with everything that runs through it, and removes its socket.
func (c *Connection) Close() error {
	if c.server != nil {
		c.server.Disconnect()
	}
	if c.proxy == nil {
		return nil
	}
	return c.proxy.Close()
}

// IsOffline reports whether there is no server behind the connection.
func (c *Connection) IsOffline() bool { return c.socket == "" }

// Socket is the path of the unix socket to dial; empty offline.
func (c *Connection) Socket() string { return c.socket }

// Server is a client on the socket, in the project the user chose; nil offline.
func (c *Connection) Server() incus.InstanceServer { return c.server }

// ServerInfo is what the server said about itself when the connection was opened; nil offline.
func (c *Connection) ServerInfo() *api.Server { return c.info }

// Project is the existing Incus project the user chose to work in, by option, INCUS_PROJECT, the remote's own project
// or because a restricted socket allows no other one. It is empty when icc is free to make one.
func (c *Connection) Project() string { return c.project }

// Settings returns what the plugins are configured with.
func (c *Connection) Settings(composeProject, incusProject string, owned bool) sdk.Settings {
	s := sdk.Settings{
		IncusSocket:    c.socket,
		IncusProject:   incusProject,
		ProjectOwned:   owned,
		ComposeProject: composeProject,
		StoragePool:    c.pool.name,
		Remotes:        c.images,
		Remote:         c.target.isRemote(),
	}
	if c.info != nil {
		s.APIExtensions = c.info.APIExtensions
		s.Architectures = c.info.Environment.Architectures
		s.ServerVersion = c.info.Environment.ServerVersion
	}
	return s
}
