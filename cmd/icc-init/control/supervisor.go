package control

import (
	"syscall"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// Supervisor is the part of PID 1 that looks after the main process. All methods may be called at the same time.
type Supervisor interface {
	// Kill sends the signal to the main process; after one that ends it, it is not started again.
	Kill(sig syscall.Signal) error
	// Grace sets the grace period of the stop that follows.
	Grace(d time.Duration)
	// Reload reads the orders again and applies what it can; the code is one of initspec.Reload*.
	Reload() (code int, err error)
	// State returns the latest state. When there is a health test, Health is never nil, not even before the first start.
	State() initspec.State
	// Changed returns a channel that is closed at the next change of State. Ask for it before State, to miss none.
	Changed() <-chan struct{}
}
