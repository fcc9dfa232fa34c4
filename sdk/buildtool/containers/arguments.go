package containers

import (
	"path/filepath"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
)

const idFile = "image-id"

// arguments returns the command line for a build.
func arguments(job *buildtool.Job, own, isolation string) ([]string, error) {
	req := job.Request
	c := req.Build
	// The label with buildah's version would make the same Containerfile another image with every update.
	args := []string{"build", "--format", "docker", "--layers", "--identity-label=false", "--iidfile", job.Path(idFile)}
	if isolation != "" {
		args = append(args, "--isolation", isolation)
	}
	// The tool's own platform is not named, so that its cache is everybody's.
	if req.Platform != "" && req.Platform != own {
		args = append(args, "--platform", req.Platform)
	}
	args = append(args, buildtool.CommonArguments(req)...)
	args = append(args, buildtool.Pairs("--build-context", c.AdditionalContexts)...)
	args = append(args, buildtool.Each("--ssh", c.SSH)...)
	args = append(args, caches("--cache-from", c.CacheFrom)...)
	args = append(args, caches("--cache-to", c.CacheTo)...)
	if c.Pull {
		args = append(args, "--pull=always")
	}
	mark, err := markArguments(job)
	if err != nil {
		return nil, err
	}
	args = append(args, mark...)
	secrets, err := job.SecretArguments()
	if err != nil {
		return nil, err
	}
	args = append(args, secrets...)
	files, err := fileArguments(job, c)
	if err != nil {
		return nil, err
	}
	return append(append(args, files...), c.Context), nil
}

// fileArguments names the Containerfile, and the ignore file when it lies beside it, where only Docker looks.
func fileArguments(job *buildtool.Job, c kinds.BuildConfig) ([]string, error) {
	if c.DockerfileInline != "" {
		file, err := job.Write("Containerfile", []byte(c.DockerfileInline))
		return []string{"--file", file}, err
	}
	file := buildtool.Containerfile(c)
	if file == "" {
		return nil, nil
	}
	args := []string{"--file", file}
	if ignore := buildtool.IgnoreFile(c); ignore != "" && filepath.Base(ignore)[0] != '.' {
		args = append(args, "--ignorefile", ignore)
	}
	return args, nil
}

func caches(flag string, list []string) []string {
	var out []string
	for _, entry := range list {
		if repository, ok := cacheRepository(entry); ok {
			out = append(out, flag, repository)
		}
	}
	return out
}
