package main

import (
	"os"
	"path/filepath"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// arguments returns docker's command line for a build.
func (e *engine) arguments(job *buildtool.Job) ([]string, error) {
	c := job.Request.Build
	args := e.way.command()
	// The engine's own platform is not named: the classic builder refuses to hear of platforms.
	if p := job.Request.Platform; p != "" && p != e.platform {
		args = append(args, "--platform", p)
	}
	args = append(args, buildtool.CommonArguments(job.Request)...)
	if c.Pull {
		args = append(args, "--pull")
	}
	caches, err := e.way.caches(c)
	if err != nil {
		return nil, err
	}
	args = append(args, caches...)
	if e.way == buildx {
		args = append(args, buildtool.Pairs("--build-context", c.AdditionalContexts)...)
		args = append(args, buildtool.Each("--no-cache-filter", c.NoCacheFilter)...)
		args = append(args, buildtool.Each("--allow", c.Entitlements)...)
	}
	args = append(args, buildtool.Each("--ssh", c.SSH)...)
	secrets, err := job.SecretArguments()
	if err != nil {
		return nil, err
	}
	args = append(args, secrets...)
	files, err := e.way.files(job)
	if err != nil {
		return nil, err
	}
	return append(append(args, files...), c.Context), nil
}

// command returns the words before all arguments.
func (w way) command() []string {
	switch w {
	case buildx:
		// Attestations would make the image an index that describes itself.
		return []string{"buildx", "build", "--progress", "plain", "--load", "--provenance=false"}
	case embedded:
		return []string{"build", "--progress", "plain"}
	}
	return []string{"build", "--force-rm"}
}

// caches names the caches; all but buildx know images only.
func (w way) caches(c kinds.BuildConfig) ([]string, error) {
	if w == buildx {
		return append(buildtool.Each("--cache-from", c.CacheFrom), buildtool.Each("--cache-to", c.CacheTo)...), nil
	}
	var args []string
	for _, entry := range c.CacheFrom {
		ref, ok := buildtool.CacheReference(entry)
		if !ok {
			return nil, buildtool.Cannot(toolName, "cache_from", entry)
		}
		args = append(args, "--cache-from", ref)
	}
	return args, nil
}

// files names the Containerfile. An ignore file where docker does not look lies beside a copy of it.
func (w way) files(job *buildtool.Job) ([]string, error) {
	c := job.Request.Build
	file, ignore := buildtool.Containerfile(c), buildtool.IgnoreFile(c)
	if c.DockerfileInline == "" && (ignore == "" || ignore == w.ignores(file, c.Context)) {
		if file == "" {
			return nil, nil
		}
		return []string{"--file", file}, nil
	}
	if err := w.refuseIgnore(c); err != nil {
		return nil, err
	}
	content := []byte(c.DockerfileInline)
	if c.DockerfileInline == "" {
		var err error
		if content, err = os.ReadFile(file); err != nil {
			return nil, resource.ErrBuild.WithText("reading the Containerfile").Wrap(err)
		}
	}
	copied, err := job.Write("Containerfile", content)
	if err != nil || ignore == "" || ignore == w.ignores(copied, c.Context) {
		return []string{"--file", copied}, err
	}
	if content, err = os.ReadFile(ignore); err != nil {
		return nil, resource.ErrBuild.WithText("reading the ignore file").Wrap(err)
	}
	_, err = job.Write("Containerfile.dockerignore", content)
	return []string{"--file", copied}, err
}

// refuseIgnore finds an ignore file of which the classic builder knows nothing: it heeds that of the context only.
func (w way) refuseIgnore(c kinds.BuildConfig) error {
	ignore := buildtool.IgnoreFile(c)
	if w != classic || ignore == "" || ignore == w.ignores("", c.Context) {
		return nil
	}
	return resource.ErrUnsupported.WithText("builder docker cannot honour " + ignore + " here: " + noBuildx).
		WithHint("rename it to .dockerignore in the build context, or choose another builder with --builder")
}

// ignores returns the ignore file that docker finds by itself.
func (w way) ignores(file, context string) string {
	beside := file + ".dockerignore"
	if _, err := os.Stat(beside); err == nil && w != classic {
		return beside
	}
	return filepath.Join(context, ".dockerignore")
}
