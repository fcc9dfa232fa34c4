package buildtool

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// removeTime bounds tidying up after a build.
const removeTime = time.Minute

// Job is one build, with a directory for what nobody needs afterwards, the tool's own temporary files included.
type Job struct {
	Request kinds.BuildRequest
	Sink    resource.Sink
	// Marker is a name that no other build has, to know again what a tool made for this one.
	Marker string

	tool string
	dir  string
}

func newJob(tool string, req kinds.BuildRequest, sink resource.Sink) (*Job, error) {
	dir, err := os.MkdirTemp(req.OutputDir, "work-")
	if err != nil {
		return nil, resource.ErrBuild.WithText("making a directory for the build").Wrap(err)
	}
	id := make([]byte, 12)
	_, _ = rand.Read(id) // it never fails
	return &Job{Request: req, Sink: sink, Marker: "icc-build-" + hex.EncodeToString(id), tool: tool, dir: dir}, nil
}

// Path returns the path of a file of the job.
func (j *Job) Path(name string) string { return filepath.Join(j.dir, name) }

// Write keeps content in a file that only the user can read, and returns its path.
func (j *Job) Write(name string, content []byte) (string, error) {
	path := j.Path(name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return "", resource.ErrBuild.WithText("writing a file for the build").Wrap(err)
	}
	return path, nil
}

// Run runs the tool with its temporary files in the job's directory and further variables of the form "KEY=value".
// What it prints goes to the log.
func (j *Job) Run(ctx context.Context, log *Log, env []string, args ...string) error {
	defer log.flush()
	return runGroup(ctx, command{
		path: j.tool, args: args, env: append([]string{"TMPDIR=" + j.dir}, env...),
		stdout: log.writer(resource.Stdout), stderr: log.writer(resource.Stderr),
	})
}

// RunQuietly runs the tool where nobody needs to see what it prints.
func (j *Job) RunQuietly(ctx context.Context, args ...string) error {
	return j.Run(ctx, NewLog(resource.Discard{}, nil), nil, args...)
}

// ImageID returns the id that a tool has written to a file of the job, as a digest.
func (j *Job) ImageID(name string) (string, error) {
	content, err := os.ReadFile(j.Path(name))
	if err != nil {
		return "", resource.ErrBuild.WithText(j.tool + " said no image id").Wrap(err)
	}
	return "sha256:" + strings.TrimPrefix(strings.TrimSpace(string(content)), "sha256:"), nil
}

// save writes the image to an archive.
func (j *Job) save(ctx context.Context, args []string, file string) error {
	log := NewLog(resource.Discard{}, nil)
	err := j.Run(ctx, log, nil, args...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	hint := fmt.Sprintf("try it by hand: %s %s", j.tool, strings.Join(args, " "))
	if strings.Contains(log.Tail(), "no space left") {
		hint = "make room in " + filepath.Dir(file)
	}
	return resource.ErrBuild.WithText(fmt.Sprintf("saving the image: %s", LastLine(log.Tail(), err))).WithHint(hint)
}

// remove removes what the build left, also when its context has ended.
func (j *Job) remove(ctx context.Context, engine Engine) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTime)
	defer cancel()
	engine.Clean(ctx, j)
	_ = os.RemoveAll(j.dir)
}
