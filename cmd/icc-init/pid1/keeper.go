package pid1

import (
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/statefile"
	"github.com/icc-project/icc/cmd/icc-init/stdio"
	"github.com/icc-project/icc/sdk/initspec"
)

// guard is the control.Supervisor of the keeper: there is nothing to supervise, but signals to pass on.
type guard struct {
	*statefile.File
	house *house
}

// errKept says what the kernel does with these signals from inside the container.
var errKept = errors.New("the image's own init is PID 1, which only Incus can kill: stop the service with icc stop or icc kill -s TERM")

// Kill sends the signal to PID 1.
func (guard) Kill(sig syscall.Signal) error {
	if sig == syscall.SIGKILL || sig == syscall.SIGSTOP {
		return errKept
	}
	return syscall.Kill(1, sig)
}

// Grace is of no use: Incus stops the image's init itself.
func (guard) Grace(time.Duration) {}

// Reload reads the orders again; those about ends and restarts are nobody's here.
func (g guard) Reload() (int, error) { return g.house.reload.Reload(func(*initspec.Spec) {}) }

// Keep is the keeper. It never returns once it works.
func Keep() int {
	for fd := keeperOrders; fd < keeperEnds+4; fd++ {
		syscall.CloseOnExec(fd)
	}
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored) // and not signal.Ignore, which health tests would inherit
	ready := os.NewFile(keeperReady, "ready")
	var o orders
	if err := json.NewDecoder(os.NewFile(keeperOrders, "orders")).Decode(&o); err != nil {
		warn(err)
		return codeFailed
	}
	h := newHouse(o.Spec, o.Digest, proc.NewReaper(), newState())
	h.names.adopt(o.Spec.Resolvers) // before there are applets, of which reload does so, too
	if err := h.open(guard{h.state, h}); err != nil {
		warn(err)
		return codeFailed
	}
	connection := stdio.Connect(inherited(o), h, h.hub)
	if o.Spec.AwaitAttach {
		<-h.hub.Attached()
	}
	h.state.Update(func(s *initspec.State) { s.Phase, s.PID, s.StartedAt = initspec.PhaseRunning, 1, time.Now().UTC() })
	_ = ready.Close()
	h.tests.begin()
	<-connection.Done() // the image's init may close its output and go on
	select {}
}

// inherited gives the descriptors their meaning.
func inherited(o orders) stdio.Ends {
	ends := stdio.Ends{Deaf: !o.Spec.Stdin}
	for i, name := range o.Ends {
		fd := keeperEnds + i
		_ = syscall.SetNonblock(fd, true)
		f := os.NewFile(uintptr(fd), name)
		switch name {
		case "out":
			ends.Out = f
		case "err":
			ends.Err = f
		case "in":
			ends.In = f
		case "terminal":
			ends.Terminal = f
		}
	}
	return ends
}
