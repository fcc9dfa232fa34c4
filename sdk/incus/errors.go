package incus

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// MapError gives errors of the Incus client the sentinel they correspond to, keeping the server's words as the cause.
// Errors that are known to nothing better, or carry a sentinel already, are returned as they are.
func MapError(err error) error {
	var known *resource.Error
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case IsNotFound(err):
		return resource.ErrNotFound.Wrap(err)
	case api.StatusErrorCheck(err, 401, 403):
		return resource.ErrPermission.Wrap(err)
	case IsPreconditionFailed(err), IsExists(err), IsBusy(err):
		return resource.ErrConflict.Wrap(err)
	case isTimeout(err):
		return resource.ErrTimeout.Wrap(err)
	case isConnection(err):
		return resource.ErrConnectionFailed.Wrap(err)
	}
	return err
}

// IsNotFound reports whether the server said that an object does not exist.
func IsNotFound(err error) bool { return api.StatusErrorCheck(err, 404) }

// IsForbidden reports whether the server refused access.
func IsForbidden(err error) bool { return api.StatusErrorCheck(err, 403) }

// IsPreconditionFailed reports whether an object was changed between reading and writing (ETag mismatch).
func IsPreconditionFailed(err error) bool { return api.StatusErrorCheck(err, 412) }

// IsExists reports whether the object to create exists already. Some of Incus' objects say so with a conflict, others
// with a bad request, and operations with words only.
func IsExists(err error) bool {
	if api.StatusErrorCheck(err, 409) {
		return true
	}
	return err != nil && strings.Contains(err.Error(), "already exists")
}

// IsBusy reports whether another operation holds the instance, the server is still creating it, or the server's helper
// for its files is just ending while another access begins; it is over in a moment.
func IsBusy(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "Instance is busy") || strings.Contains(text, "forkfile.sock: connect:") ||
		strings.Contains(text, "Instance storage pool not found")
}

// IsEndedEarly reports whether a start found that the instance's first process had ended before the server was done with
// it. The server no longer finds the process in /proc, and then the whole error is the kernel's, or the proxy of a published
// port no longer finds the namespaces to connect to.
func IsEndedEarly(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	switch text {
	case "no such file or directory", "no such process", "bad file descriptor":
		return true
	}
	return strings.Contains(text, "Failed to safely open namespace file descriptor") || strings.Contains(text, "Failed setns to connector namespaces")
}

// IsProjectMissing reports whether a listing failed because its Incus project does not exist.
func IsProjectMissing(err error) bool {
	return IsNotFound(err) && strings.HasSuffix(err.Error(), "Project not found")
}

// isConnection reports whether the server could not be reached or went away. The host's proxy to a remote server
// answers with a bad gateway then.
func isConnection(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || api.StatusErrorCheck(err, 502)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded)
}
