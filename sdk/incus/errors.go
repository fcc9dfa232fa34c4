package incus

import "github.com/icc-project/icc/sdk/resource"

// MapError gives errors of the Incus client the sentinel they correspond to, keeping the server's words as the cause.
// Errors that are known to nothing better are returned as they are.
func MapError(err error) error {
	switch {
	case err == nil:
		return nil
	case IsNotFound(err):
		return resource.ErrNotFound.Wrap(err)
	case IsForbidden(err):
		return resource.ErrPermission.Wrap(err)
	case IsPreconditionFailed(err), IsExists(err):
		return resource.ErrConflict.Wrap(err)
	}
	return err
}
