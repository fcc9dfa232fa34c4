package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/initspec"
)

const (
	// EnvironmentPrefix begins the configuration keys of variables.
	EnvironmentPrefix = "environment."
	// defaultPath is what Docker gives to images that set no PATH.
	defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// variables are those of the image, and those of the service over them. HOSTNAME is Docker's addition, which programs
// rely on.
func (t *translation) variables() map[string]string {
	env := map[string]string{}
	if t.oci() {
		env["PATH"] = defaultPath
		env["HOSTNAME"] = t.hostname()
	}
	if p := t.Image.Process; p != nil {
		for _, entry := range p.Env {
			name, value, _ := strings.Cut(entry, "=")
			env[name] = value
		}
	}
	for name, value := range t.Config.Environment {
		env[name] = value
	}
	return env
}

// environment writes the variables where the server finds them. Below icc-init that is for `incus exec` alone, so what
// Incus cannot store is left out.
func (t *translation) environment() error {
	for name, value := range t.variables() {
		switch broken := strings.ContainsAny(value, "\n\r"); {
		case broken && t.supervised(), value == "" && t.supervised():
		case broken:
			return t.invalid("environment", inexpressible(
				fmt.Sprintf("variable %s contains a line break, which Incus cannot store", name),
				"pass it as a secret or config file instead"))
		default:
			t.out.Config[EnvironmentPrefix+name] = value
		}
	}
	return nil
}

func (t *translation) hostname() string {
	if t.Config.Hostname != "" {
		return t.Config.Hostname
	}
	return t.IncusName
}

// SensitiveKey says whether a configuration key's value is to be kept out of plans and logs. It errs on the safe side:
// every variable whose name looks like a credential counts, and icc-init's orders, which have all variables.
func SensitiveKey(key string) bool {
	if key == initspec.Key {
		return true
	}
	name, ok := strings.CutPrefix(key, EnvironmentPrefix)
	if !ok {
		return false
	}
	name = strings.ToUpper(name)
	return slices.ContainsFunc(sensitiveWords(), func(word string) bool { return strings.Contains(name, word) })
}

func sensitiveWords() []string {
	return []string{"PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "DSN", "CERT", "SALT", "_URL", "_URI"}
}
