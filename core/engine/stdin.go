package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// stdin is the standard input as a build context. Builders are other processes, so they get a file.
type stdin struct {
	from io.Reader
	used atomic.Bool
}

// fill writes the standard input beside the result of a build that wants it as its context. It can be read once.
func (s *stdin) fill(ctx context.Context, req *kinds.BuildRequest) error {
	if req.Build.Context != kinds.ContextStdin {
		return nil
	}
	fail := func(text, hint string) error { return resource.ErrBuild.WithText(text).WithHint(hint) }
	switch {
	case s.from == nil:
		return fail(fmt.Sprintf("the build context of %s is the standard input, and nothing is piped to icc", req.Name),
			"pipe a tar archive or a Containerfile to `icc build`")
	case s.used.Swap(true):
		return fail("two images take the standard input as their build context", "build them one at a time")
	}
	file := filepath.Join(req.OutputDir, "context")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing the build context: %w", err)
	}
	copied := make(chan error, 1)
	go func() { // reading does not end with ctx
		_, err := io.Copy(f, s.from)
		copied <- errors.Join(err, f.Close())
	}()
	select {
	case err = <-copied:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err != nil {
		return resource.ErrBuild.WithText("reading the build context from the standard input").Wrap(err)
	}
	req.Build.Context = file
	return nil
}
