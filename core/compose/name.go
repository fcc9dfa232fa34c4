package compose

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v4"
)

// ProjectName returns the Compose project's name without loading the project, for verbs that work from the server's
// labels: -p, COMPOSE_PROJECT_NAME, the name attribute of the compose files as far as they are there, or the
// directory's name.
func ProjectName(o LoadOptions) (string, error) {
	s, err := newSession(o)
	if err != nil {
		return "", err
	}
	if s.ProjectName != "" {
		return s.ProjectName, checkName(s.ProjectName, "-p")
	}
	if err := s.locate(); err != nil {
		return "", err
	}
	name, origin := s.nameFromOutside()
	if origin == "" {
		contents, err := s.read()
		if err != nil {
			return "", err
		}
		name, origin = s.nameFromFiles(contents)
	}
	if name == "" {
		name, origin = loader.NormalizeProjectName(filepath.Base(s.directory())), "the directory's name"
	}
	if name == "" {
		return "", noName(s.directory())
	}
	return name, checkName(name, origin)
}

// nameFromOutside returns the name that the command line or the environment sets, and where it came from.
func (s *session) nameFromOutside() (name, origin string) {
	if s.ProjectName != "" {
		return s.ProjectName, "-p"
	}
	if n := s.env[consts.ComposeProjectName]; n != "" {
		return n, consts.ComposeProjectName
	}
	return "", ""
}

// nameFromFiles returns the last name attribute of the files. What cannot be parsed is skipped: loading reports it.
func (s *session) nameFromFiles(contents [][]byte) (name, origin string) {
	for i, content := range contents {
		decoder := yaml.NewDecoder(bytes.NewReader(content))
		for {
			var doc struct {
				Name string `yaml:"name"`
			}
			if decoder.Decode(&doc) != nil {
				break
			}
			if doc.Name != "" {
				name, origin = doc.Name, s.files[i]
			}
		}
	}
	if resolved, err := template.SubstituteWithOptions(name, s.env.Resolve, template.WithoutLogging); err == nil {
		name = resolved
	}
	return name, origin
}

// checkName refuses names that docker compose refuses.
func checkName(name, origin string) error {
	suggestion := loader.NormalizeProjectName(name)
	if suggestion == name {
		return nil
	}
	hint := "choose a name such as \"myapp\""
	if suggestion != "" {
		hint = fmt.Sprintf("use %q", suggestion)
	}
	return configError(fmt.Sprintf("project name %q (%s) may have lower-case letters, digits, hyphens and underscores only, "+
		"and begins with a letter or digit", name, origin), hint)
}

func noName(dir string) error {
	return configError(fmt.Sprintf("the name of directory %s has neither letters nor digits to name the project after", dir),
		"name the project with -p NAME or the compose file's top-level name")
}
