package guest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// The time in which a command that cannot be run says so, and how often it is looked at.
const (
	launchTime  = 300 * time.Millisecond
	launchPause = 30 * time.Millisecond
)

// launch starts what the request says and returns 0 as soon as it seems to run, whatever becomes of it then. What cannot
// be run is told to complain, and its code is returned.
func launch(ctx context.Context, server incus.InstanceServer, instance string, post api.InstanceExecPost, complain io.Writer) (int, error) {
	post.WaitForWS, post.Interactive = false, false
	begun, err := server.ExecInstance(instance, post, nil)
	if err != nil {
		return 0, execError(err)
	}
	for deadline := time.Now().Add(launchTime); time.Now().Before(deadline); {
		op, _, err := server.GetOperation(begun.Get().ID)
		switch {
		case sdkincus.IsNotFound(err):
			return 0, nil // it has ended and is forgotten
		case err != nil:
			return 0, fmt.Errorf("asking whether the command runs: %w", sdkincus.MapError(err))
		case op.StatusCode.IsFinal():
			return launched(*op, complain)
		}
		if err := sdkincus.Pause(ctx, launchPause); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// launched tells a command that could not be run from one that has ended already, which is nobody's concern.
func launched(op api.Operation, complain io.Writer) (int, error) {
	var failed error
	if op.Err != "" {
		failed = errors.New(op.Err)
	}
	code, err := result(op, failed, complain)
	if err != nil || code != codeNotExecutable && code != codeNotFound {
		return 0, err
	}
	return code, nil
}
