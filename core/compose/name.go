package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	name, unread, err := s.decideName(contents)
	if err == nil {
		err = unread // the name that is left may be another project's
	}
	if err != nil {
		return "", err
	}
	return name, nil
}

// name returns the project's name. Files that cannot be parsed are nobody's concern here: loading reports them.
func (s *session) name(contents [][]byte) (string, error) {
	name, _, err := s.decideName(contents)
	return name, err
}

// decideName takes the project's name from outside, from the files, or from the directory. unread says that it was not
// taken from a file that cannot be parsed and may have one.
func (s *session) decideName(contents [][]byte) (name string, unread, err error) {
	if name, origin := s.nameFromOutside(); origin != "" {
		return name, nil, checkName(name, origin)
	}
	name, origin, unread := s.nameFromFiles(contents)
	if name != "" {
		// like docker compose, take a name of odd characters as the one that is left of it
		normal := loader.NormalizeProjectName(name)
		if normal == "" {
			return "", unread, checkName(name, origin)
		}
		if normal != name {
			s.warnings = append(s.warnings, fmt.Sprintf("project name %q (%s) is taken as %q", name, origin, normal))
		}
		return normal, unread, nil
	}
	name = loader.NormalizeProjectName(filepath.Base(s.directory()))
	if name == "" {
		return "", unread, configError(fmt.Sprintf("the name of directory %s has no letters or digits to name the project after",
			s.directory()), "name the project with -p NAME or the compose file's top-level name")
	}
	return name, unread, nil
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

// nameFromFiles returns the last name attribute of the files. unread says that one of them cannot be parsed.
func (s *session) nameFromFiles(contents [][]byte) (name, origin string, unread error) {
	cannot := func(file string, err error) {
		if unread == nil {
			unread = configError(fmt.Sprintf("the project's name cannot be read from %s", file),
				"correct the file, or name the project with -p NAME").Wrap(err)
		}
	}
	for i, content := range contents {
		decoder := yaml.NewDecoder(bytes.NewReader(content))
		for {
			var doc struct {
				Name string `yaml:"name"`
			}
			if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				cannot(s.files[i], err)
				break
			}
			if doc.Name != "" {
				name, origin = doc.Name, s.files[i]
			}
		}
	}
	resolved, err := template.SubstituteWithOptions(name, s.env.Resolve, template.WithoutLogging)
	if err != nil {
		cannot(origin, err)
		return name, origin, unread
	}
	return resolved, origin, unread
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
