package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
)

// stdinName is the file name that stands for the standard input.
const stdinName = "-"

// overlayBase is the base name of the overlay that is read whatever the compose file is called.
const overlayBase = "compose"

// HasFiles reports whether there are compose files to load. Files that are named and cannot be read are an error.
func HasFiles(o LoadOptions) (bool, error) {
	s, err := newSession(o)
	if err != nil {
		return false, err
	}
	err = s.locate()
	return len(s.files) > 0, err
}

// find decides which compose files to load: those of -f, of COMPOSE_FILE, or those found in the working directory and
// its parents. It leaves s.files empty when there are none.
func (s *session) find() error {
	if len(s.Files) > 0 {
		return s.accept(s.Files, "given with -f")
	}
	if list := s.env[consts.ComposeFilePath]; list != "" {
		sep := s.env[consts.ComposePathSeparator]
		if sep == "" {
			sep = string(os.PathListSeparator)
		}
		return s.accept(strings.Split(list, sep), "named by COMPOSE_FILE")
	}
	start := s.WorkingDir
	if s.explicitDir {
		start = s.ProjectDirectory
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if base := s.pick(dir, cli.DefaultFileNames); base != "" {
			s.discovered = true
			s.files = append([]string{base}, s.companions(dir, base)...)
			return nil
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// companions returns the override file and the overlay for Incus that lie beside a discovered compose file.
func (s *session) companions(dir, base string) []string {
	var found []string
	if f := s.pick(dir, cli.DefaultOverrideFileNames); f != "" {
		found = append(found, f)
	}
	names := overlayNames(overlayBase)
	if stem := strings.TrimSuffix(filepath.Base(base), filepath.Ext(base)); stem != overlayBase {
		names = append(overlayNames(stem), names...)
	}
	if f := s.pick(dir, names); f != "" {
		found = append(found, f)
	}
	return found
}

// overlayNames returns the names of the overlay for Incus that belongs to a base name.
func overlayNames(stem string) []string {
	return []string{stem + ".incus.yaml", stem + ".incus.yml"}
}

// pick returns the first of the names that exists in dir, and warns when there are others.
func (s *session) pick(dir string, names []string) string {
	var found []string
	for _, name := range names {
		f := filepath.Join(dir, name)
		if info, err := os.Stat(f); err == nil && !info.IsDir() {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return ""
	}
	if len(found) > 1 {
		s.warnings = append(s.warnings, fmt.Sprintf("several compose files lie side by side: %s; using %s",
			strings.Join(found, ", "), found[0]))
	}
	return found[0]
}

// accept takes over named files after checking that they can be read.
func (s *session) accept(names []string, origin string) error {
	for _, name := range names {
		if name == stdinName {
			s.files = append(s.files, name)
			continue
		}
		path := s.abs(name)
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return configError(fmt.Sprintf("compose file %q, %s, cannot be read", name, origin),
				"check the name, or leave it out to use the compose.yaml of this directory").Wrap(plainPathError(err))
		case info.IsDir():
			return configError(fmt.Sprintf("compose file %q, %s, is a directory", name, origin),
				"name the file in it, for example "+filepath.Join(name, "compose.yaml"))
		}
		s.files = append(s.files, path)
	}
	return nil
}

// noFile is the error for a load without any compose file.
func (s *session) noFile() error {
	start := s.WorkingDir
	if s.explicitDir {
		start = s.ProjectDirectory
	}
	return configError(fmt.Sprintf("no compose file in %s or a directory above it (looked for %s)",
		start, strings.Join(cli.DefaultFileNames, ", ")),
		"change to the project's directory, or name the file with -f FILE")
}
