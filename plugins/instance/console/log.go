package console

import (
	"context"
	"errors"
	"fmt"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/sdk/resource"
)

// Log is the console of one instance and how to show it.
type Log struct {
	Server incus.InstanceServer
	Store  Store
	// Project is the Incus project, Name the instance's name there.
	Project, Name string
	// Tail is the number of lines to begin with; negative means all.
	Tail int
	// Follow goes on until the context ends or the instance has stopped.
	Follow bool
	// TTY keeps the line ends of a terminal.
	TTY  bool
	Sink resource.Sink

	shown int // bytes of the stored log
}

// Write passes the log on to the sink.
func (l *Log) Write(ctx context.Context) error {
	inst, _, err := observe.Get(l.Server, l.Name)
	if err != nil {
		return l.gone(fmt.Errorf("reading instance %q: %w", l.Name, err))
	}
	text, err := l.Collect(ctx, inst)
	if err != nil {
		return l.gone(err)
	}
	l.shown = len(text)
	if l.Follow {
		text = whole(text, &l.shown)
	}
	l.put(Tail(l.clean(text), l.Tail))
	if !l.Follow {
		return nil
	}
	return l.gone(l.follow(ctx, inst))
}

// Collect fetches what the server has and returns the whole log.
func (l *Log) Collect(ctx context.Context, inst *api.Instance) ([]byte, error) {
	f, err := l.Store.open(l.Project, l.Name, inst.Config["volatile.uuid"])
	if errors.Is(err, errNoStore) {
		p, err := fetch(ctx, l.Server, l.Name)
		return p.text, err
	}
	if err != nil {
		return nil, err
	}
	defer f.close()
	stored, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("reading the stored log: %w", err)
	}
	p, err := fetch(ctx, l.Server, l.Name)
	if err != nil {
		return nil, err
	}
	merged := f.merged()
	fresh := added(stored, merged, p)
	if len(fresh) >= ringSize-1 && !p.final {
		l.Sink.Notice(resource.LevelWarning, "lines of "+l.Name+" may be missing: it writes faster than its console is read")
	}
	if len(fresh) > 0 {
		err = f.append(stored, fresh)
	}
	if err == nil && p.final && p.mark != merged {
		err = f.setMerged(p.mark)
	}
	if err != nil {
		return nil, fmt.Errorf("storing the log: %w", err)
	}
	return append(stored, fresh...), nil
}

// Forget removes what is stored of the log.
func (l *Log) Forget() error { return l.Store.Forget(l.Project, l.Name) }

func (l *Log) clean(text []byte) []byte {
	if l.TTY {
		return text
	}
	return Clean(text)
}

func (l *Log) put(text []byte) {
	if len(text) > 0 {
		l.Sink.Output(resource.Stdout, text)
	}
}

// gone ends the log of an instance that was deleted, or that nobody follows any more, without an error.
func (l *Log) gone(err error) error {
	if l.Follow && (errors.Is(err, resource.ErrNotFound) || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// whole leaves a carriage return at the very end for later: it may be half of a line's end.
func whole(text []byte, shown *int) []byte {
	if n := len(text); n > 0 && text[n-1] == '\r' {
		*shown--
		return text[:n-1]
	}
	return text
}
