package main

import (
	"context"
	"fmt"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// point makes the job's alias name the image, and removes what it named before when nobody needs that any more.
// An image that cannot get its alias does not stay.
func (j *job) point(ctx context.Context, fingerprint string, rec record.Alias) (image, error) {
	if err := j.setAlias(ctx, fingerprint, rec); err != nil {
		cleanup, cancel := undo(ctx)
		defer cancel()
		j.reap(cleanup, fingerprint)
		return image{}, fmt.Errorf("naming image %q: %w", j.alias, incus.MapError(err))
	}
	if j.found.exists && j.found.ours {
		j.dropOld(ctx, fingerprint, rec)
	}
	now, err := lookup(j.server, j.alias)
	if err == nil && !now.exists {
		err = resource.ErrConflict.WithText(fmt.Sprintf("image %q was removed by somebody else meanwhile", j.alias)).
			WithHint("run the command again")
	}
	return now, err
}

// setAlias creates the alias or moves it. Aliases of others are left alone.
func (j *job) setAlias(ctx context.Context, fingerprint string, rec record.Alias) error {
	put := api.ImageAliasesEntryPut{Target: fingerprint, Description: rec.Description()}
	if !j.found.exists {
		err := j.server.CreateImageAlias(api.ImageAliasesPost{
			ImageAliasesEntry: api.ImageAliasesEntry{ImageAliasesEntryPut: put, Name: j.alias},
		})
		if !incus.IsExists(err) {
			return err
		}
	}
	get := func() (*api.ImageAliasesEntry, string, error) { return j.server.GetImageAlias(j.alias) }
	return incus.Update(ctx, get, func(entry *api.ImageAliasesEntry, etag string) error {
		old, ours := record.ParseAlias(entry.Description)
		switch {
		case !ours:
			return resource.ErrConflict.WithText(fmt.Sprintf("the server has an image %q that icc did not make", j.alias)).
				WithHint(fmt.Sprintf("remove its alias with `incus image alias delete %s`", j.alias))
		case entry.Target == fingerprint && sameRecord(old, rec):
			return nil
		}
		return j.server.UpdateImageAlias(j.alias, put, etag)
	})
}

// sameRecord compares without the moments just passed since the alias was made by this or a parallel run.
func sameRecord(a, b record.Alias) bool {
	close := b.Pulled.Sub(a.Pulled).Abs() < time.Minute
	a.Pulled, b.Pulled = time.Time{}, time.Time{}
	return a == b && close
}

// dropOld removes what the alias named before.
func (j *job) dropOld(ctx context.Context, fingerprint string, rec record.Alias) {
	if j.found.Fingerprint != fingerprint {
		j.reap(ctx, j.found.Fingerprint)
		return
	}
	if old := j.found.record.Digest; old != rec.Digest && old != "" && j.found.aliasesWith(old) == 0 {
		j.forget(ctx, old)
	}
}

// undoTime bounds cleaning up after a failure or a cancellation.
const undoTime = time.Minute

// undo returns a context for cleaning up that outlives the cancelled one.
func undo(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), undoTime)
}
