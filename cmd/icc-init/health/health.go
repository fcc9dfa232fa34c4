package health

import (
	"context"
	"io"

	"github.com/icc-project/icc/sdk/initspec"
)

// Config says what to test and whom to tell.
type Config struct {
	Health initspec.Health
	// Run runs argv as the service would, with stdout and stderr into output, and returns its exit code. When ctx is done
	// it kills the whole process group. An error says that the command could not be run.
	Run func(ctx context.Context, argv []string, output io.Writer) (code int, err error)
	// Update is called with each new state, the first time before Start returns. The state is not touched afterwards.
	Update func(*initspec.HealthState)
	// Ready is called when the service becomes healthy, and when it is healthy no more.
	Ready func(bool)
}

// Start begins to test a command that has just been started, until ctx is done: one Start for each start of the command.
// The channel is closed when no callback will be called any more. A Health without a test is never tested.
func Start(ctx context.Context, cfg Config) <-chan struct{} { return nil }
