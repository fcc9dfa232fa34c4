package main

import (
	"os"
	"strings"
)

// keyValues reads KEY=VALUE pairs. A KEY alone has the value in icc's environment; one that is not there is left out, as
// with docker.
func keyValues(pairs []string) map[string]string {
	values := map[string]string{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			value, ok = os.LookupEnv(key)
		}
		if ok {
			values[key] = value
		}
	}
	return values
}
