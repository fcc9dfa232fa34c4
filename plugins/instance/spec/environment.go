package spec

import (
	"fmt"
	"slices"
	"strings"
)

const (
	environmentPrefix = "environment."
	// defaultPath is what Docker gives to images that set no PATH.
	defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// environment writes the variables of the image, then those of the service over them. HOSTNAME is Docker's addition,
// which programs rely on.
func (t *translation) environment() error {
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
	for name, value := range env {
		if strings.ContainsAny(value, "\n\r") {
			return t.invalid("environment", inexpressible(
				fmt.Sprintf("variable %s contains a line break, which Incus cannot store", name),
				"pass it as a secret or config file instead"))
		}
		t.out.Config[environmentPrefix+name] = value
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
// every variable whose name looks like a credential counts.
func SensitiveKey(key string) bool {
	name, ok := strings.CutPrefix(key, environmentPrefix)
	if !ok {
		return false
	}
	name = strings.ToUpper(name)
	return slices.ContainsFunc(sensitiveWords(), func(word string) bool { return strings.Contains(name, word) })
}

func sensitiveWords() []string {
	return []string{"PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "DSN", "CERT", "SALT", "_URL", "_URI"}
}
