package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// A lock is an object whose name ends with the run that made it. Who wants the lock makes an object, then looks: the lock
// is had when there is no other one, else the own one is removed and tried again later. Of two that come at the same
// time at least one sees the other, and removing a dead run's lock by its name can never hit a new one. So nothing needs
// a write that depends on a reading, which Incus does not have.
type locks struct {
	lockPlace
	prefix string
	run    string
}

// The configuration keys of a lock. It does not have those by which icc finds objects of a project.
const (
	keyLockProject = "user.icc.lock.project"
	keyLockWho     = "user.icc.lock.who"
	keyLockCommand = "user.icc.lock.command"
	keyLockProcess = "user.icc.lock.process"
	keyLockSince   = "user.icc.lock.since"
	keyLockBeat    = "user.icc.lock.beat"
)

// lockNames begins the names of all locks.
const lockNames = "icc-lock-"

// lockPrefix begins the names of the locks of one Compose project in one Incus project.
func (s *server) lockPrefix() string {
	const enough = 12
	return lockNames + naming.Hash("lock", s.settings.IncusProject, s.settings.ComposeProject)[:enough] + "-"
}

func (s *server) locks() (*locks, error) {
	if s.settings.Run == "" {
		return nil, resource.ErrPlugin.WithText("the run of icc has no name, so it cannot hold a lock")
	}
	place, err := s.lockPlace()
	if err != nil {
		return nil, err
	}
	return &locks{lockPlace: place, prefix: s.lockPrefix(), run: s.settings.Run}, nil
}

func (l *locks) own() string { return l.prefix + l.run }

// take tries once to get the lock.
func (l *locks) take(ctx context.Context, composeProject string, req kinds.LockRequest) (kinds.LockAnswer, error) {
	none := kinds.LockAnswer{}
	if req.Dead != nil {
		if err := l.bury(*req.Dead); err != nil {
			return none, err
		}
	}
	if req.Busy {
		others, _, err := l.others()
		if err != nil || len(others) > 0 {
			return l.hadBy(others), err
		}
	}
	h := req.Holder
	config := map[string]string{
		keyLockProject: composeProject, keyLockWho: h.Who, keyLockCommand: h.Command, keyLockProcess: h.Process,
		keyLockSince: h.Since.UTC().Format(time.RFC3339), keyLockBeat: "0",
	}
	if err := l.create(l.own(), config); err != nil && !sdkincus.IsExists(err) {
		return none, fmt.Errorf("locking the project: %w", sdkincus.MapError(err))
	}
	others, mine, err := l.others()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil && len(others) == 0 && mine {
		return none, nil
	}
	return l.hadBy(others), errors.Join(err, l.release())
}

// others returns the names of other runs' locks, and whether there is the own one.
func (l *locks) others() (others []string, mine bool, err error) {
	names, err := l.names()
	if err != nil {
		return nil, false, fmt.Errorf("looking for locks: %w", sdkincus.MapError(err))
	}
	for _, n := range names {
		switch {
		case n == l.own():
			mine = true
		case strings.HasPrefix(n, l.prefix):
			others = append(others, n)
		}
	}
	slices.Sort(others)
	return others, mine, nil
}

// hadBy says who has the lock; little is known of a holder who has just given it back.
func (l *locks) hadBy(others []string) kinds.LockAnswer {
	for _, name := range others {
		if config, err := l.get(name); err == nil {
			return kinds.LockAnswer{Other: l.holder(name, config)}
		}
	}
	return kinds.LockAnswer{Other: &kinds.LockHolder{}}
}

func (l *locks) holder(name string, config map[string]string) *kinds.LockHolder {
	h := &kinds.LockHolder{
		Run: strings.TrimPrefix(name, l.prefix), Who: config[keyLockWho], Command: config[keyLockCommand], Process: config[keyLockProcess],
	}
	// What cannot be read was written by another version, or by hand.
	h.Since, _ = time.Parse(time.RFC3339, config[keyLockSince])
	h.Beat, _ = strconv.Atoi(config[keyLockBeat])
	return h
}

// bury removes the lock of a dead run, unless it turns out to be alive.
func (l *locks) bury(dead kinds.LockHolder) error {
	name := l.prefix + dead.Run
	config, err := l.get(name)
	if err == nil && l.holder(name, config).Beat == dead.Beat {
		err = l.delete(name)
	}
	if err != nil && !sdkincus.IsNotFound(err) {
		return fmt.Errorf("removing the lock of a run that was killed: %w", sdkincus.MapError(err))
	}
	return nil
}

// renew shows that the run lives.
func (l *locks) renew(beat int) error {
	config, err := l.get(l.own())
	if err == nil {
		config[keyLockBeat] = strconv.Itoa(beat)
		err = l.set(l.own(), config)
	}
	if err != nil {
		return fmt.Errorf("renewing the lock: %w", sdkincus.MapError(err))
	}
	return nil
}

// release gives the lock back.
func (l *locks) release() error {
	if err := l.delete(l.own()); err != nil && !sdkincus.IsNotFound(err) {
		return fmt.Errorf("unlocking the project: %w", sdkincus.MapError(err))
	}
	return nil
}
