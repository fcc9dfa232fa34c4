package main

import (
	"regexp"

	"github.com/icc-project/icc/sdk/resource"
)

// passwordInURL matches the password in "scheme://user:password@host".
var passwordInURL = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*):[^\s@]+@`)

// redacted hides passwords of URLs in what is printed.
func redacted(s string) string { return passwordInURL.ReplaceAllString(s, "$1:***@") }

// shownFields returns fields as they may be printed: sensitive ones without values, whatever their plugin says.
func shownFields(fields []resource.FieldChange) []resource.FieldChange {
	var out []resource.FieldChange
	for _, f := range fields {
		if f.Sensitive {
			f.Before, f.After = "", ""
		}
		f.Before, f.After = redacted(f.Before), redacted(f.After)
		out = append(out, f)
	}
	return out
}
