package pid1

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/launch"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/stdio"
	"github.com/icc-project/icc/sdk/initspec"
)

// KeeperApplet is the internal name under which PID 1 starts the keeper.
const KeeperApplet = "keeper"

// Descriptors of the keeper besides its standard ones, and after them those of orders.Ends.
const (
	keeperOrders = 3
	keeperReady  = 4
	keeperEnds   = 5
)

// orders are what PID 1 tells the keeper.
type orders struct {
	Spec   *initspec.Spec `json:"spec"`
	Digest string         `json:"digest"`
	// Ends names the descriptors from keeperEnds on: out, err, in, terminal.
	Ends []string `json:"ends"`
}

const (
	ttyDetach = 0x5422 // TIOCNOTTY
	ttyAttach = 0x540e // TIOCSCTTY
)

// handOver makes the command PID 1 in this process' place. It returns only when that fails, or when the container is
// stopped before.
func handOver(h *house, digest string, signals <-chan os.Signal) int {
	process, ends, err := stdio.Open(h.spec.TTY, h.spec.Stdin)
	if err != nil {
		return fail(h.state.Update, err)
	}
	keeper, ready, err := startKeeper(h, digest, ends)
	if err != nil {
		return fail(h.state.Update, err)
	}
	if !await(ready, signals) {
		return 0
	}
	select {
	case <-keeper.Done():
		return fail(h.state.Update, errors.New("the keeper of logs and state has ended: see the console"))
	default:
	}
	console, _ := syscall.Dup(2)
	for fd, f := range process {
		if err := syscall.Dup3(int(f.Fd()), fd, 0); err != nil {
			return fail(h.state.Update, err)
		}
	}
	syscall.CloseOnExec(console)
	if h.spec.TTY { // best effort: PID 1 leads its session, which may have the console for its terminal
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, uintptr(console), ttyDetach, 0)
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, 0, ttyAttach, 0)
	}
	failure := launch.Command(h.spec)
	_ = syscall.Dup3(console, 2, 0)
	_ = keeper.Signal(syscall.SIGKILL) // or it would go on writing its own state
	<-keeper.Done()
	return failWith(h.state.Update, failure, failure.Code)
}

// await returns true when the pipe is closed, and false when the container is to stop.
func await(ready *os.File, signals <-chan os.Signal) bool {
	closed := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, ready); close(closed) }()
	for {
		select {
		case <-closed:
			return true
		case sig := <-signals:
			if isStop(sig.(syscall.Signal)) {
				return false
			}
		}
	}
}

func startKeeper(h *house, digest string, ends stdio.Ends) (*proc.Process, *os.File, error) {
	ordersRead, ordersWrite, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	readyRead, readyWrite, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	o := orders{Spec: h.spec, Digest: digest}
	files := []uintptr{null.Fd(), 2, 2, ordersRead.Fd(), readyWrite.Fd()}
	for _, end := range []struct {
		name string
		file *os.File
	}{{"out", ends.Out}, {"err", ends.Err}, {"in", ends.In}, {"terminal", ends.Terminal}} {
		if end.file != nil {
			o.Ends = append(o.Ends, end.name)
			files = append(files, end.file.Fd())
		}
	}
	keeper, err := h.reaper.Start("/proc/self/exe", []string{initspec.Path, KeeperApplet}, &syscall.ProcAttr{
		Files: files, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	_ = ordersRead.Close()
	_ = readyWrite.Close()
	_ = null.Close()
	ends.Close()
	if err != nil {
		return nil, nil, err
	}
	_ = ordersWrite.SetWriteDeadline(time.Now().Add(specPatience))
	err = json.NewEncoder(ordersWrite).Encode(&o)
	_ = ordersWrite.Close()
	return keeper, readyRead, err
}
