package provider

import (
	"context"
	"os"
	"sync"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/naming"
)

// Provider manages the instances of a Compose project.
type Provider struct {
	mu       sync.Mutex
	settings sdk.Settings
	// server is dialled by the first request that needs it; concurrent actions share it.
	server incus.InstanceServer
}

// New returns a Provider that has to be configured.
func New() *Provider { return &Provider{} }

// Configure implements sdk.Provider.
func (p *Provider) Configure(_ context.Context, s sdk.Settings) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settings, p.server = s, nil
	return nil
}

func (p *Provider) config() sdk.Settings {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settings
}

// connect returns the connection to the server. It outlives the request that made it.
func (p *Provider) connect(ctx context.Context) (incus.InstanceServer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		server, err := sdkincus.Dial(context.WithoutCancel(ctx), p.settings)
		if err != nil {
			return nil, err
		}
		p.server = server
	}
	return p.server, nil
}

func (p *Provider) scope() naming.Scope {
	s := p.config()
	return naming.Scope{Project: s.ComposeProject, Shared: !s.ProjectOwned}
}

// host is what the translation has to know of the place where instances run.
func (p *Provider) host() spec.Host {
	s, scope := p.config(), p.scope()
	return spec.Host{
		Pool: s.StoragePool,
		IPv6: !s.Remote && hasIPv6(),
		AnonymousVolume: func(service string, number int, path string) string {
			return scope.Volume(volumeKey(service, number, path))
		},
	}
}

// hasIPv6 reports whether this machine, which is the server's when it is not remote, has IPv6.
func hasIPv6() bool {
	addresses, err := os.ReadFile("/proc/net/if_inet6")
	return err == nil && len(addresses) > 0
}
