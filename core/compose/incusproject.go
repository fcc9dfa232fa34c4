package compose

import (
	"bytes"
	"cmp"

	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v4"
)

// IncusProject returns the existing Incus project that the compose files choose with x-icc.incus_project, without loading
// the project, for verbs that work from the server's labels although the files have mistakes. It is empty when they choose
// none, and when they cannot be read at all.
func IncusProject(o LoadOptions) string {
	s, err := newSession(o)
	if err != nil || s.locate() != nil {
		return ""
	}
	contents, err := s.read()
	if err != nil {
		return ""
	}
	var chosen, legacy string // the last file's, as when they are merged
	for _, content := range contents {
		decoder := yaml.NewDecoder(bytes.NewReader(content))
		for {
			var doc struct {
				ICC    choice `yaml:"x-icc"`
				Legacy choice `yaml:"x-incus-compose"`
			}
			if decoder.Decode(&doc) != nil {
				break
			}
			chosen, legacy = cmp.Or(doc.ICC.IncusProject, chosen), cmp.Or(doc.Legacy.IncusProject, legacy)
		}
	}
	name, err := template.SubstituteWithOptions(cmp.Or(chosen, legacy), s.env.Resolve, template.WithoutLogging)
	if err != nil {
		return ""
	}
	return name
}

// choice is the part of an extension that says where the project lives.
type choice struct {
	IncusProject string `yaml:"incus_project"`
}
