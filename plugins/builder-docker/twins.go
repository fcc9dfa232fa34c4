package main

import (
	"bytes"
	"context"
	"slices"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/resource"
)

// known returns the image that the asker has if the one that was built is its twin: the same steps, run at the same time
// by another build, of which the classic builder's cache later gives either. The engine itself says so when its cache is
// bounded to that image. With BuildKit, builds at the same time share their steps.
func (e *engine) known(ctx context.Context, job *buildtool.Job, id string, args []string) string {
	known := job.Request.KnownDigest
	if e.way != classic || known == "" || known == id || job.Request.Build.NoCache || !sameHistory(ctx, known, id) {
		return id
	}
	args = slices.Insert(slices.Clone(args), 1, "--cache-from", known)
	if err := job.Run(ctx, buildtool.NewLog(resource.Discard{}, nil), e.way.environment(), args...); err != nil {
		return id
	}
	if again, err := imageID(ctx, job); err == nil {
		return again
	}
	return id
}

// sameHistory says whether two images were made by the same instructions, which have the digests of what was copied.
func sameHistory(ctx context.Context, one, other string) bool {
	var histories [2][]byte
	for i, id := range []string{one, other} {
		history, err := buildtool.Ask(ctx, toolName, "history", "--no-trunc", "--format", "{{.CreatedBy}}", id)
		if err != nil {
			return false // the engine has it no more
		}
		histories[i] = history
	}
	return bytes.Equal(histories[0], histories[1])
}
