package compose

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/compose-spec/compose-go/v2/types"
)

// Load reads and checks a project. Its errors wrap resource.ErrConfig, name the file, the line and the attribute, and
// carry a hint. It asks no server and writes nothing.
func Load(ctx context.Context, o LoadOptions) (*Project, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("loading the compose files: %w", err)
	}
	s, err := newSession(o)
	if err != nil {
		return nil, err
	}
	if s.ProjectName != "" {
		if err := checkName(s.ProjectName, "-p"); err != nil {
			return nil, err
		}
	}
	if err := s.locate(); err != nil {
		return nil, err
	}
	if len(s.files) == 0 {
		return nil, s.noFile()
	}
	contents, err := s.read()
	if err != nil {
		return nil, err
	}
	return s.load(ctx, contents)
}

// locate reads the environment files and decides which compose files to load. Environment files are looked up twice,
// as docker compose does: first in the working directory, because COMPOSE_FILE may be set there, then beside the
// compose file.
func (s *session) locate() error {
	first := s.WorkingDir
	if s.explicitDir {
		first = s.ProjectDirectory
	}
	if err := s.readEnvFiles(first); err != nil {
		return err
	}
	if err := s.find(); err != nil {
		return err
	}
	if dir := s.directory(); dir != first {
		return s.readEnvFiles(dir)
	}
	return nil
}

// read returns the contents of the files, in their order.
func (s *session) read() ([][]byte, error) {
	contents := make([][]byte, len(s.files))
	for i, f := range s.files {
		var err error
		if f == stdinName {
			if s.Stdin == nil {
				return nil, configError("the compose file is to come from the standard input, which is not connected",
					"pipe the file in, or name it with -f FILE")
			}
			contents[i], err = io.ReadAll(s.Stdin)
		} else {
			contents[i], err = os.ReadFile(f)
		}
		if err != nil {
			return nil, configError(fmt.Sprintf("compose file %s cannot be read", f),
				"check its permissions").Wrap(plainPathError(err))
		}
		if contents[i] == nil {
			contents[i] = []byte{} // or compose-go would read the file again
		}
	}
	return contents, nil
}

func (s *session) load(ctx context.Context, contents [][]byte) (*Project, error) {
	registerRaw()
	sum := s.sum(contents)
	passed := s.passed(sum)
	if !passed {
		// compiling the schema takes longer than reading a small project, and compose-go does it once: do it meanwhile
		go func() { _ = schema.Validate(map[string]any{}) }()
	}
	details := types.ConfigDetails{WorkingDir: s.directory(), Environment: s.env}
	for i, f := range s.files {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: f, Content: contents[i]})
	}
	index := newIndex(s.files, contents, details.WorkingDir, s.WorkingDir)
	p := &Project{Files: s.files, index: index}

	opts, err := s.loaderOptions(contents, passed)
	if err != nil {
		return nil, err
	}
	warnings, err := captureWarnings(func() error { return s.loadInto(ctx, p, details, opts) })
	for _, w := range append(s.warnings, warnings...) {
		p.Warnings = append(p.Warnings, warning(w, index))
	}
	if err != nil {
		return nil, s.explain(err, index)
	}
	if !passed {
		s.pass(sum, index, warnings)
	}
	if !s.SkipConsistency && !s.SkipInterpolation {
		if err := check(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// loadInto runs compose-go. It recovers from panics, of which the library has some for documents of an odd shape.
func (s *session) loadInto(ctx context.Context, p *Project, details types.ConfigDetails,
	opts func(*loader.Options)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the compose library cannot read this: %v", r)
		}
	}()
	p.model, err = loader.LoadModelWithContext(ctx, details, opts)
	if err != nil {
		return err
	}
	if s.SkipInterpolation {
		p.Project = &types.Project{WorkingDir: details.WorkingDir, Environment: details.Environment}
		p.Name, _ = p.model["name"].(string)
		p.ComposeFiles = s.files
		return nil
	}
	o := loader.ToOptions(&details, []func(*loader.Options){opts})
	p.Project, err = loader.ModelToProject(p.model, o, details)
	if err != nil {
		return err
	}
	p.ComposeFiles = s.files
	return nil
}

// loaderOptions sets what compose-go is to do. Its own consistency check stays off: it stops at the first finding,
// names no place, and its search for cycles takes exponential time; see check.
func (s *session) loaderOptions(contents [][]byte, passed bool) (func(*loader.Options), error) {
	name, err := s.name(contents)
	if err != nil {
		return nil, err
	}
	profiles := s.profiles()
	return func(o *loader.Options) {
		o.SkipConsistencyCheck = true
		o.SkipValidation = passed
		s.noteExtends(o)
		o.SkipInterpolation = s.SkipInterpolation
		o.SkipNormalization = s.SkipNormalization
		o.ResolvePaths = !s.SkipResolvePaths
		o.SkipResolveEnvironment = s.SkipEnvironment
		o.SkipResolveLabels = s.SkipEnvironment
		o.Profiles = profiles
		o.SetProjectName(name, true) // decided here, in docker compose's order of precedence
	}, nil
}
