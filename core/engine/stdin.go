package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// stdin is the standard input as a build context. Builders are other processes, so they get a file.
type stdin struct {
	from io.Reader
	used atomic.Bool
}

// check finds builds that will want a standard input which they cannot have, before anything is changed.
func (s *stdin) check(builds []kinds.BuildRequest) error {
	var wanted []string
	for _, req := range builds {
		if req.Build.Context == kinds.ContextStdin && !slices.Contains(wanted, req.Name) {
			wanted = append(wanted, req.Name)
		}
	}
	switch {
	case len(wanted) > 0 && s.from == nil:
		return nothingPiped(wanted[0])
	case len(wanted) > 1:
		return wantedTwice()
	}
	return nil
}

func nothingPiped(image string) error {
	return resource.ErrBuild.WithText(fmt.Sprintf("the build context of %s is the standard input, and nothing is piped to icc", image)).
		WithHint("pipe a tar archive or a Containerfile to `icc build`")
}

func wantedTwice() error {
	return resource.ErrBuild.WithText("two images take the standard input as their build context").WithHint("build them one at a time")
}

// fill writes the standard input beside the result of a build that wants it as its context. It can be read once.
func (s *stdin) fill(ctx context.Context, req *kinds.BuildRequest) error {
	if req.Build.Context != kinds.ContextStdin {
		return nil
	}
	switch {
	case s.from == nil:
		return nothingPiped(req.Name)
	case s.used.Swap(true):
		return wantedTwice()
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
