package compose

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// LoadOptions says which compose files to load and how. The zero value loads what docker compose would load in the
// current directory.
type LoadOptions struct {
	// Files are the compose files of -f; "-" is Stdin. Without any, COMPOSE_FILE or the directory decides.
	Files []string
	// Profiles are the active profiles; without any, COMPOSE_PROFILES decides.
	Profiles []string
	// EnvFiles are the files of --env-file; without any, COMPOSE_ENV_FILES or .env.
	EnvFiles []string
	// ProjectName is the name of -p.
	ProjectName string
	// ProjectDirectory is what relative paths in compose files refer to; empty means the first file's directory.
	ProjectDirectory string
	// WorkingDir is where the search for compose files begins; empty means the process's current directory.
	WorkingDir string
	// Stdin is read when one of the files is "-".
	Stdin io.Reader
	// Environment is "KEY=value"; nil means the process's own.
	Environment []string

	// Checked spares files that have passed the schema the check; nil checks always.
	Checked Checked

	// SkipInterpolation leaves variables as they are written. The project then has a model, but no services.
	SkipInterpolation bool
	// SkipNormalization leaves out implied attributes.
	SkipNormalization bool
	// SkipResolvePaths leaves relative paths as they are written.
	SkipResolvePaths bool
	// SkipConsistency leaves out the checks between the parts of a project.
	SkipConsistency bool
	// SkipEnvironment leaves env_file and label_file alone, for verbs that need neither and must work without them.
	SkipEnvironment bool
}

// session is one load in progress: the options with their defaults filled in, and what was found.
type session struct {
	LoadOptions
	// explicitDir says that ProjectDirectory came from the user.
	explicitDir bool
	files       []string
	discovered  bool
	env         types.Mapping
	warnings    []string
	// extends says that a service extends another.
	extends bool
}

func newSession(o LoadOptions) (*session, error) {
	s := &session{LoadOptions: o, explicitDir: o.ProjectDirectory != ""}
	if s.WorkingDir == "" {
		wd, err := os.Getwd()
		if err != nil {
			return nil, configError("the current directory cannot be read", "change to a directory that exists").Wrap(err)
		}
		s.WorkingDir = wd
	}
	wd, err := filepath.Abs(s.WorkingDir)
	if err != nil {
		return nil, configError("the current directory cannot be read", "change to a directory that exists").Wrap(err)
	}
	s.WorkingDir = wd
	if s.explicitDir {
		s.ProjectDirectory = s.abs(s.ProjectDirectory)
	}
	if s.Environment == nil {
		s.Environment = os.Environ()
	}
	s.env = types.Mapping{}
	for _, e := range s.Environment {
		if k, v, ok := strings.Cut(e, "="); ok {
			s.env[k] = v
		}
	}
	return s, nil
}

// abs returns path as seen from the working directory.
func (s *session) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(s.WorkingDir, path)
}

// directory is what relative paths refer to: --project-directory, else the first file's directory.
func (s *session) directory() string {
	if s.explicitDir {
		return s.ProjectDirectory
	}
	for _, f := range s.files {
		if f != stdinName {
			return filepath.Dir(f)
		}
	}
	return s.WorkingDir
}
