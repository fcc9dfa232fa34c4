package record

import (
	"net/url"
	"strings"
	"time"
)

// Alias is what the description of an alias says about a reference.
type Alias struct {
	// Digest is the manifest's, or the configuration's for builds. It is empty when the registry could not be asked.
	Digest string
	// Pulled is when the registry was last asked.
	Pulled time.Time
	// Project is the Compose project that built the image, empty for pulled ones.
	Project string
	// Name is the reference as the compose file has it, when the image was built.
	Name string
}

const marker = "icc"

// Description returns the description of the alias.
func (a Alias) Description() string {
	fields := []string{marker}
	add := func(key, value string) {
		if value != "" {
			fields = append(fields, key+"="+url.QueryEscape(value))
		}
	}
	// A digest is left readable for those who list the aliases.
	if a.Digest != "" {
		fields = append(fields, "digest="+a.Digest)
	}
	if !a.Pulled.IsZero() {
		fields = append(fields, "pulled="+a.Pulled.UTC().Format(time.RFC3339))
	}
	add("project", a.Project)
	add("name", a.Name)
	return strings.Join(fields, " ")
}

// ParseAlias reads a description. ok is false for aliases that icc did not make.
func ParseAlias(description string) (a Alias, ok bool) {
	fields := strings.Fields(description)
	if len(fields) == 0 || fields[0] != marker {
		return Alias{}, false
	}
	for _, field := range fields[1:] {
		key, value, _ := strings.Cut(field, "=")
		plain, err := url.QueryUnescape(value)
		if err != nil {
			continue
		}
		switch key {
		case "digest":
			a.Digest = value
		case "pulled":
			a.Pulled, _ = time.Parse(time.RFC3339, value) // an unreadable time means "long ago"
		case "project":
			a.Project = plain
		case "name":
			a.Name = plain
		}
	}
	return a, true
}
