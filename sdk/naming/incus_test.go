package naming_test

import (
	"fmt"
	"regexp"
	"strconv"
)

// The rules of Incus 7.0, restated: its validators would bring their dependencies along.
var (
	hostname  = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
	apiName   = regexp.MustCompile(`^[a-zA-Z0-9][^\s$?&+"'*/\x60]{0,62}[a-zA-Z0-9]$`)
	ifaceName = regexp.MustCompile(`^[a-zA-Z0-9][-_a-zA-Z0-9.]{0,13}[a-zA-Z0-9]$`)
	fileName  = regexp.MustCompile(`^[-_.a-zA-Z0-9]+$`)
	imageName = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$`) // of the OCI distribution specification
)

// invalidInstance says why name is no instance name, or nil.
func invalidInstance(name string) error {
	if _, err := strconv.ParseUint(name, 10, 64); err == nil {
		return fmt.Errorf("%q is a number", name)
	}
	return mismatch(name, hostname)
}

// mismatch says which of the patterns name does not match, or nil.
func mismatch(name string, patterns ...*regexp.Regexp) error {
	for _, p := range patterns {
		if !p.MatchString(name) {
			return fmt.Errorf("%q does not match %s", name, p)
		}
	}
	return nil
}
