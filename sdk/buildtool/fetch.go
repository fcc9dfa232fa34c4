package buildtool

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// origin is where a build context comes from.
type origin int

const (
	ofTool     origin = iota // an image or the like, which the tool knows by itself
	ofFolder                 // a directory of this machine
	ofFile                   // an archive of this machine
	ofGit                    // a repository
	ofDownload               // an archive or a Containerfile behind a URL
)

// originOf tells repositories from archives as docker does: by the scheme, or by ".git" at the end of the path.
func originOf(from string) origin {
	address, _, _ := strings.Cut(from, "#")
	scheme, _, hasScheme := strings.Cut(address, "://")
	switch {
	case strings.HasPrefix(address, "git@"), strings.HasPrefix(address, "github.com/"):
		return ofGit
	case hasScheme && slices.Contains([]string{"git", "ssh", "file"}, scheme):
		return ofGit
	case hasScheme && (scheme == "http" || scheme == "https"):
		if strings.HasSuffix(address, ".git") {
			return ofGit
		}
		return ofDownload
	case hasScheme:
		return ofTool
	}
	if info, err := os.Stat(from); err == nil && info.Mode().IsRegular() {
		return ofFile
	}
	return ofFolder
}

// fetch brings the job's contexts here as directories. So each is the same with every tool, whatever the tool can fetch
// itself, and a Containerfile and an ignore file are looked for in it as in any directory.
func (j *Job) fetch(ctx context.Context) error {
	b := &j.Request.Build
	from := b.Context
	dir, err := j.fetchOne(ctx, "build.context", from, "context")
	if err != nil {
		return err
	}
	b.Context = dir
	if dir != from {
		if err := checkContext(*b, withoutPassword(from)); err != nil {
			return err
		}
	}
	b.AdditionalContexts = maps.Clone(b.AdditionalContexts)
	for i, name := range slices.Sorted(maps.Keys(b.AdditionalContexts)) {
		dir, err := j.fetchOne(ctx, "build.additional_contexts."+name, b.AdditionalContexts[name], fmt.Sprintf("context-%d", i))
		if err != nil {
			return err
		}
		b.AdditionalContexts[name] = dir
	}
	return nil
}

// fetchOne returns the directory of a context, which it makes in the job's if it has to be fetched.
func (j *Job) fetchOne(ctx context.Context, attribute, from, name string) (string, error) {
	kind := originOf(from)
	if kind == ofTool || kind == ofFolder {
		return from, nil
	}
	j.Sink.Progress(resource.Progress{Percent: -1, Text: "fetching " + withoutPassword(from)})
	dir := j.Path(name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", resource.ErrBuild.WithText("making a directory for the build").Wrap(err)
	}
	var err error
	switch kind {
	case ofGit:
		dir, err = j.clone(ctx, from, dir)
	case ofDownload:
		err = j.download(ctx, from, dir)
	default:
		err = j.unpack(ctx, from, dir)
	}
	if err == nil || ctx.Err() != nil {
		return dir, err
	}
	hint := cmp.Or(resource.Hint(err), "check the address, and that this machine can reach it")
	return "", resource.ErrBuild.WithText(fmt.Sprintf("fetching %s %s", attribute, withoutPassword(from))).Wrap(err).WithHint(hint)
}

// withoutPassword leaves out what a URL says before its host, for messages.
func withoutPassword(from string) string {
	scheme, rest, ok := strings.Cut(from, "://")
	if !ok {
		return from
	}
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	return scheme + "://" + strings.TrimSuffix(host+"/"+path, "/")
}

// inFolder returns a directory below another one, which links must not leave.
func inFolder(root, below string) (string, error) {
	if !filepath.IsLocal(below) {
		return "", fmt.Errorf("%q is no path below the repository", below)
	}
	path, err := filepath.EvalSymlinks(filepath.Join(root, below))
	if err != nil {
		return "", resource.ErrBuild.WithText(fmt.Sprintf("there is no directory %q in it", below)).
			WithHint("check what stands behind the # of the context: REF:FOLDER")
	}
	root, err = filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	if path != root && !strings.HasPrefix(path, root+string(filepath.Separator)) {
		return "", fmt.Errorf("%q leads out of the repository", below)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return "", fmt.Errorf("%q is no directory", below)
	}
	return path, nil
}

// Fetched reports whether a context of the build is no directory yet, but a repository or an archive.
func Fetched(c kinds.BuildConfig) bool {
	kind := originOf(c.Context)
	return kind != ofTool && kind != ofFolder
}
