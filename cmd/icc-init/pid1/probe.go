package pid1

import (
	"context"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/launch"
)

// probe runs a health test as the service would be run, and kills its session's group when ctx is done.
func (h *house) probe(ctx context.Context, argv []string, output io.Writer) (int, error) {
	spec := *h.spec
	spec.Argv, spec.TTY, spec.Stdin = argv, false, false
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		_ = null.Close()
		return 0, err
	}
	copied := make(chan struct{})
	go func() { _, _ = io.Copy(output, read); close(copied) }()
	p, err := launch.Start(h.reaper, &spec, [3]*os.File{null, write, write}, false)
	_ = null.Close()
	_ = write.Close()
	if err == nil {
		select {
		case <-p.Done():
		case <-ctx.Done():
			_ = p.SignalGroup(syscall.SIGKILL)
			<-p.Done()
		}
	}
	select {
	case <-copied:
	case <-time.After(probeDrain): // something it has left behind keeps the pipe open
	}
	_ = read.Close()
	<-copied
	if err != nil {
		return 0, err
	}
	if status := p.Status(); status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return p.Status().ExitStatus(), nil
}

// probeDrain bounds the wait for the output of a test that has ended.
const probeDrain = 100 * time.Millisecond
