package provider

import (
	"context"
	"errors"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/runlog"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// log shows what an instance has written: what icc-init keeps, or else the console.
func (p *Provider) log(ctx context.Context, m *lifecycle.Manager, req sdk.RunRequest) error {
	o := req.Options
	now := time.Now()
	since, err := runlog.ParseTime(o.Since, now)
	if err != nil {
		return err
	}
	until, err := runlog.ParseTime(o.Until, now)
	if err != nil {
		return err
	}
	_, s, err := p.see(ctx, m)
	if err != nil {
		return unlessGone(err, o)
	}
	if s == nil {
		return p.consoleLog(ctx, m, req)
	}
	defer s.close()
	if s.orders.Log.Disabled {
		m.Sink.Notice(resource.LevelWarning, "the log of "+m.Name+" is switched off: its logging driver is \"none\"")
	}
	l := runlog.Log{
		Volume: s.volume, Dir: s.place.LogDir(), Sink: m.Sink,
		Tail: o.Tail, Since: since, Until: until, Timestamps: o.Timestamps, Follow: o.Follow, Stopped: s.stopped,
	}
	return unlessGone(l.Write(ctx), o)
}

// stopped asks the server whether the instance is stopped.
func (s *supervised) stopped(context.Context) (bool, error) {
	err := s.look()
	return err == nil && s.inst.StatusCode == api.Stopped, err
}

// unlessGone ends the log of an instance that was deleted, or that nobody follows any more, without an error.
func unlessGone(err error, o resource.Options) error {
	if o.Follow && (errors.Is(err, resource.ErrNotFound) || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// consoleLog shows the console of an instance without icc-init.
func (p *Provider) consoleLog(ctx context.Context, m *lifecycle.Manager, req sdk.RunRequest) error {
	o := req.Options
	if o.Since != "" || o.Until != "" {
		m.Sink.Notice(resource.LevelInfo, "the console of "+m.Name+" has no timestamps; all of its lines are shown, and without")
	}
	l := m.Console
	l.Tail, l.Follow = o.Tail, o.Follow
	if len(req.Resource.Config) > 0 {
		c, err := decode(req.Resource.Config)
		if err != nil {
			return err
		}
		l.TTY = c.TTY
	}
	return l.Write(ctx)
}
