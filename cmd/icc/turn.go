package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// turnPoll is how often a waiting icc looks whether the other one is done.
const turnPoll = 100 * time.Millisecond

// turn is the right to change a project. Runs of one user on one machine have it one after the other: two that make the
// same objects at once would both fail half way.
type turn struct{ file *os.File }

// takeTurn waits until nobody else changes the project; waiting is called once when that takes time. It is a courtesy:
// without a place for the lock there is none, and the server refuses what does not fit.
func takeTurn(ctx context.Context, dir, project string, waiting func()) (*turn, error) {
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		return &turn{}, nil
	}
	f, err := os.OpenFile(filepath.Join(dir, project+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return &turn{}, nil
	}
	for asked := false; ; asked = true {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return &turn{f}, nil // the lock, or a file system without locks
		}
		if !asked {
			waiting()
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, context.Cause(ctx)
		case <-time.After(turnPoll):
		}
	}
}

// end lets the next one in. The file stays: removing it would part those who wait from those who come.
func (t *turn) end() {
	if t != nil && t.file != nil {
		_ = t.file.Close()
		t.file = nil
	}
}

// takeTurn waits for other runs of icc that change the project. What was seen of the server before is worth nothing
// after a wait.
func (s *session) takeTurn(ctx context.Context) (err error) {
	if dryRun(s.cli) {
		return nil
	}
	dir := ""
	if cache, err := os.UserCacheDir(); err == nil {
		dir = filepath.Join(cache, "icc", "turns")
	}
	s.turn, err = takeTurn(ctx, dir, s.project.incusProject+"."+s.project.name, func() {
		s.glance = nil
		s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo,
			Text: fmt.Sprintf("another icc is changing project %s; waiting for it to finish", s.project.name),
			Hint: "interrupt it if it hangs"}})
	})
	return err
}
