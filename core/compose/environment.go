package compose

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
)

// envFiles returns the environment files for interpolation: --env-file, COMPOSE_ENV_FILES, or the .env of dir.
func (s *session) envFiles(dir string) ([]string, error) {
	names := s.EnvFiles
	if list := s.env["COMPOSE_ENV_FILES"]; len(names) == 0 && list != "" {
		names = strings.Split(list, ",")
	}
	if len(names) > 0 {
		paths := make([]string, len(names))
		for i, name := range names {
			paths[i] = s.abs(strings.TrimSpace(name))
			if _, err := os.Stat(paths[i]); err != nil {
				return nil, configError(fmt.Sprintf("environment file %q cannot be read", name),
					"create it, or correct --env-file or COMPOSE_ENV_FILES").Wrap(plainPathError(err))
			}
		}
		return paths, nil
	}
	if v := s.env[consts.ComposeDisableDefaultEnvFile]; v != "" {
		off, err := strconv.ParseBool(v)
		if err != nil {
			return nil, configError(fmt.Sprintf("COMPOSE_DISABLE_ENV_FILE is %q", v), "set it to true or false")
		}
		if off {
			return nil, nil
		}
	}
	path := filepath.Join(dir, dotenv.DotEnv)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return []string{path}, nil
	}
	return nil, nil
}

// readEnvFiles adds the variables of the environment files; what the environment has already wins.
func (s *session) readEnvFiles(dir string) error {
	files, err := s.envFiles(dir)
	if err != nil || len(files) == 0 {
		return err
	}
	vars, err := dotenv.GetEnvFromFile(s.env, files)
	if err != nil {
		return s.envFileError(files, err)
	}
	s.env.Merge(vars)
	return nil
}

// envFileError names the file and, as far as the library says it, the line of a bad environment file.
func (s *session) envFileError(files []string, err error) error {
	text := err.Error()
	for _, f := range files {
		if rest, ok := strings.CutPrefix(text, "failed to read "+f+": "); ok {
			return configError(fmt.Sprintf("%s is not a valid environment file: %s", f, rest),
				"write one KEY=value a line, and quote values with spaces or quotes in them")
		}
	}
	return configError("an environment file cannot be read", "check the files of --env-file and .env").
		Wrap(plainPathError(err))
}

// profiles returns the active profiles: --profile, else COMPOSE_PROFILES.
func (s *session) profiles() []string {
	if len(s.Profiles) > 0 {
		return s.Profiles
	}
	var list []string
	for _, p := range strings.Split(s.env[consts.ComposeProfiles], ",") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// registerRaw teaches compose-go the env_file format "raw", which it leaves to its callers. The registry is the
// library's own and not safe for concurrent writes, hence the once.
var registerRaw = sync.OnceFunc(func() { dotenv.RegisterFormat("raw", parseRaw) })

// parseRaw reads KEY=value lines as they are: no quotes, no interpolation. KEY alone takes the value of the
// environment.
func parseRaw(r io.Reader, filename string, vars map[string]string, lookup func(string) (string, bool)) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 1<<20)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimLeft(scanner.Text(), " \t")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, set := strings.Cut(line, "=")
		if key == "" || strings.ContainsAny(key, " \t") {
			return fmt.Errorf("failed to read %s: line %d: %q is not a variable's name", filename, n, key)
		}
		if !set {
			v, ok := lookup(key)
			if !ok {
				continue
			}
			value = v
		}
		vars[key] = value
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("failed to read %s: %w", filename, err)
	}
	return nil
}

// plainPathError strips the system call's name from a path error, which says nothing to users.
func plainPathError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}
