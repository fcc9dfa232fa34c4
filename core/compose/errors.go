package compose

import (
	"errors"
	"fmt"

	"github.com/icc-project/icc/sdk/resource"
)

// configError is a user's mistake and its remedy.
func configError(text, hint string) *resource.Error {
	return resource.ErrConfig.WithText(text).WithHint(hint)
}

// configErrorAt is a user's mistake at a place in the compose files.
func configErrorAt(pos resource.Position, text, hint string) *resource.Error {
	return configError(fmt.Sprintf("%s: %s", pos, text), hint)
}

// diagnosticsError returns the errors among diagnostics as one error, or nil.
func diagnosticsError(diags []resource.Diagnostic) error {
	var errs []error
	for _, d := range diags {
		if d.Severity == resource.SeverityError {
			errs = append(errs, configErrorAt(d.Position, d.Text, d.Hint))
		}
	}
	return joined(errs)
}

// joined returns no error, the only one, or all of them.
func joined(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
