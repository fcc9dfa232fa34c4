package provider

import (
	"context"
	"os"
	"sync"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/naming"
)

// Provider manages the instances of a Compose project.
type Provider struct {
	// programs is the directory with icc-init; empty means the executable's.
	programs string

	mu       sync.Mutex
	settings sdk.Settings
	// server is dialled by the first request that needs it; concurrent actions share it.
	server incus.InstanceServer
	// volumes and courier are the runtime volume, read and written over one connection.
	volumes *runtime.Volumes
	courier *runtime.Courier
	// told are the notices of Plan, which need not be said again.
	told sync.Map
}

// New returns a Provider that has to be configured. It finds icc-init beside its executable.
func New() *Provider { return &Provider{} }

// WithPrograms returns a Provider that finds icc-init in another directory: a test's executable is anywhere.
func WithPrograms(dir string) *Provider { return &Provider{programs: dir} }

// Configure implements sdk.Provider.
func (p *Provider) Configure(_ context.Context, s sdk.Settings) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.courier != nil {
		p.courier.Close()
	}
	p.settings, p.server, p.volumes, p.courier = s, nil, nil, nil
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
		p.volumes = runtime.NewVolumes(runtime.DialServer(server))
		p.courier = runtime.NewCourier(server, p.volumes, p.target())
	}
	return p.server, nil
}

// Courier returns the Courier that all actions share; connect has made it.
func (p *Provider) Courier() *runtime.Courier {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.courier
}

// target is where icc-init goes. The caller holds the mutex.
func (p *Provider) target() runtime.Target {
	s := p.settings
	t := runtime.Target{Pool: s.StoragePool, Volume: scopeOf(s).Volume(runtime.DeclaredName), Project: s.ComposeProject, ProgramDir: p.programs}
	if len(s.Architectures) > 0 {
		t.Architecture = s.Architectures[0]
	}
	return t
}

func (p *Provider) scope() naming.Scope { return scopeOf(p.config()) }

func scopeOf(s sdk.Settings) naming.Scope {
	return naming.Scope{Project: s.ComposeProject, Shared: !s.ProjectOwned}
}

// host is what the translation has to know of the place where instances run.
func (p *Provider) host() spec.Host {
	s, scope := p.config(), p.scope()
	return spec.Host{
		Pool: s.StoragePool, Runtime: spec.RuntimeVolume{Pool: s.StoragePool, Name: scope.Volume(runtime.DeclaredName)},
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
