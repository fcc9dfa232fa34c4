package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// The number of times that a crashing plugin is started again within a span of time.
const (
	maxRestarts   = 3
	restartWindow = time.Minute
)

// program is one plugin file and, while it runs, its process. Each start checks the file again.
type program struct {
	host       *Host
	name, path string
	asking     chan struct{} // held by who finds out what the plugin is

	mu          sync.Mutex
	proc        *process
	starting    *start // nil when nobody is starting it
	crashes     []crash
	description *sdk.Description
	failure     error // of describing it
	sum         string
}

// start is a start that several callers wait for.
type start struct {
	done chan struct{}
	proc *process
	err  error
}

// errFailedBefore says that a plugin could not be described in an earlier run and was not asked again.
var errFailedBefore = errors.New("the plugin could not be described before")

type crash struct {
	at   time.Time
	text string
}

// check refuses the file, or returns its checksum.
func (p *program) check() (string, error) {
	id, err := inspect(p.path)
	if err != nil {
		return "", err
	}
	sum, err := p.host.memory().hash(id)
	if err != nil {
		return "", refuse(p.path, err.Error(), "check its permissions")
	}
	return sum, checkLock(p.name, p.path, sum)
}

// running returns the process, and starts it when there is none. Callers at the same time share one start; each
// stops waiting when its own context ends.
func (p *program) running(ctx context.Context) (*process, error) {
	p.mu.Lock()
	p.notice()
	if p.proc != nil {
		defer p.mu.Unlock()
		return p.proc, nil
	}
	s, err := p.begin()
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case <-s.done:
		return s.proc, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin returns the start that is under way, and begins one when there is none. The caller holds mu.
func (p *program) begin() (*start, error) {
	if p.starting != nil {
		return p.starting, nil
	}
	if err := p.mayStart(); err != nil {
		return nil, err
	}
	s := &start{done: make(chan struct{})}
	began := make(chan struct{})
	if !p.host.goStart(func(ctx context.Context) { close(began); p.start(ctx, s) }) {
		return nil, errClosed()
	}
	<-began // so that plugins start in the order in which they are asked for
	p.starting = s
	return s, nil
}

// prefetch begins to start the process unless it runs.
func (p *program) prefetch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.notice(); p.proc == nil {
		_, _ = p.begin() // whoever uses the plugin learns of its errors
	}
}

// start performs s. It runs under the host's own context.
func (p *program) start(ctx context.Context, s *start) {
	s.proc, s.err = p.launch(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starting = nil
	p.proc = s.proc
	if s.err != nil && ctx.Err() == nil {
		p.crashes = append(p.crashes, crash{at: time.Now(), text: s.err.Error()})
	}
	close(s.done)
}

func (p *program) launch(ctx context.Context) (*process, error) {
	sum, err := p.check()
	if err != nil {
		return nil, err
	}
	dir, err := p.host.sockets()
	if err != nil {
		return nil, err
	}
	proc, err := startProcess(ctx, launch{
		name: p.name, path: p.path, env: environ(p.buildsByName(), p.host.opts.Env), socketDir: dir,
		timeout: p.host.opts.StartTimeout, logger: p.host.opts.Logger, spawner: p.host.spawner,
	})
	if err != nil {
		return nil, err
	}
	if err := p.learn(ctx, proc, sum); err != nil {
		proc.end(0)
		return nil, err
	}
	return proc, nil
}

// learn asks the process what it is, unless that is known of a file with this sum.
func (p *program) learn(ctx context.Context, proc *process, sum string) error {
	d := p.host.memory().description(sum)
	if d == nil {
		bounded, cancel := context.WithTimeout(ctx, p.host.opts.StartTimeout)
		defer cancel()
		var err error
		d, err = proc.rpc.Describe(bounded)
		switch {
		case err != nil && tooLate(bounded, err) && ctx.Err() == nil:
			return p.mute(proc, "say what it is")
		case err != nil:
			return p.explain(ctx, proc, "saying what it is", err)
		}
		p.host.memory().describe(sum, d)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sum, p.description = sum, d
	return nil
}

// describe returns what the plugin is. It is started only when that is not known, and not even then when it failed to
// say so before, unless insist is set. An error is final for the life of the host.
func (p *program) describe(ctx context.Context, insist bool) (*sdk.Description, error) {
	if d, err := p.known(); d != nil || err != nil {
		return d, err
	}
	select { // hashing the file once is enough
	case p.asking <- struct{}{}:
		defer func() { <-p.asking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	d, err := p.known()
	if d != nil || err != nil {
		return d, err
	}
	sum, err := p.check()
	if err != nil {
		return nil, p.fail(err)
	}
	if d = p.host.memory().description(sum); d != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sum, p.description = sum, d
		return d, nil
	}
	if !insist && p.host.memory().failed(sum) {
		return nil, errFailedBefore
	}
	if _, err = p.running(ctx); err != nil {
		if ctx.Err() == nil && !p.host.closing() {
			p.host.memory().fail(sum)
			err = p.fail(err)
		}
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.description, nil
}

// known returns the answer of an earlier describe, if there was one.
func (p *program) known() (*sdk.Description, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.description, p.failure
}

// fail makes err the answer to everybody who asks what the plugin is.
func (p *program) fail(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failure = err
	return err
}

// notice takes note of a process that has ended by itself. The caller holds mu.
func (p *program) notice() {
	if p.proc == nil || !p.proc.gone() {
		return
	}
	p.crashes = append(p.crashes, crash{at: time.Now(), text: p.proc.obituary()})
	go p.proc.end(0)
	p.proc = nil
}

// mayStart says no when the plugin has crashed too often of late. The caller holds mu.
func (p *program) mayStart() error {
	recent := p.crashes[:0]
	for _, c := range p.crashes {
		if time.Since(c.at) < restartWindow {
			recent = append(recent, c)
		}
	}
	p.crashes = recent
	if len(recent) <= maxRestarts {
		return nil
	}
	return resource.ErrPluginCrash.WithText(fmt.Sprintf("plugin %q has failed %d times within %s and is not started again; the last time: %s",
		p.name, len(recent), restartWindow, recent[len(recent)-1].text)).
		WithHint("see what it says with --debug; replace or remove " + p.path)
}

// buildsByName says whether the file's name is that of a builder.
func (p *program) buildsByName() bool { return strings.HasPrefix(p.name, builderPrefix) }

// builderPrefix begins the names of plugins that build images.
const builderPrefix = "builder-"

// takeProcess returns the process, if there is one, and forgets it.
func (p *program) takeProcess() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	proc := p.proc
	p.proc = nil
	return proc
}

// status returns the checksum of the file, if it is known, and whether the plugin runs.
func (p *program) status() (sum string, running bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sum, p.proc != nil && !p.proc.gone()
}

// needsIncus says whether the plugin wants the server's socket.
func (p *program) needsIncus() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.description != nil && slices.ContainsFunc(p.description.Kinds, func(k sdk.Kind) bool { return k.NeedsIncus })
}
