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
// labels: -p, COMPOSE_PROJECT_NAME, the name attribute of the compose files, or their directory's name. Without any of
// these it is an error: the name of just any directory is nobody's project.
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
	if _, origin := s.nameFromOutside(); origin == "" && len(s.files) == 0 {
		return "", s.noFile()
	}
	contents, err := s.read()
	if err != nil {
		return "", err
	}
	return s.name(contents)
}

// name decides on the project's name: from outside, from the files, or after the directory.
func (s *session) name(contents [][]byte) (string, error) {
	if name, origin := s.nameFromOutside(); origin != "" {
		return name, checkName(name, origin)
	}
	if name, origin := s.nameFromFiles(contents); name != "" {
		// like docker compose, take a name of odd characters as the one that is left of it
		normal := loader.NormalizeProjectName(name)
		if normal == "" {
			return "", checkName(name, origin)
		}
		if normal != name {
			s.warnings = append(s.warnings, fmt.Sprintf("project name %q (%s) is taken as %q", name, origin, normal))
		}
		return normal, nil
	}
	name := loader.NormalizeProjectName(filepath.Base(s.directory()))
	if name == "" {
		return "", configError(fmt.Sprintf("the name of directory %s has no letters or digits to name the project after",
			s.directory()), "name the project with -p NAME or the compose file's top-level name")
	}
	return name, nil
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
