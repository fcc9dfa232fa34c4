package resource_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestErrorsNameTheResourceThatTheyAreAbout(t *testing.T) {
	t.Parallel()
	ref := resource.Ref{Kind: resource.KindNetwork, Name: "front"}
	other := resource.ErrConflict.WithKindName(resource.KindImage, "redis:8")
	for name, c := range map[string]struct {
		err, is    error
		text, hint string
	}{
		"a sentinel":      {resource.ErrNotFound.WithHint("look"), resource.ErrNotFound, "ensure network front: not found", "look"},
		"one inside":      {fmt.Errorf("asking: %w", resource.ErrTimeout.WithHint("wait")), resource.ErrTimeout, "ensure network front: asking: timed out", "wait"},
		"somebody else's": {fs.ErrPermission, fs.ErrPermission, "ensure network front: permission denied", ""},
		"a cancelled one": {
			fmt.Errorf("asking: %w", context.Canceled), resource.ErrAborted, "ensure network front: aborted: asking: context canceled", "",
		},
		"what a cancellation broke": {
			resource.ErrCreate.Wrap(context.Canceled), resource.ErrAborted, "ensure network front: aborted: creating failed: context canceled", "",
		},
		"an aborted one": {
			resource.ErrAborted.Wrap(context.Canceled), resource.ErrAborted, "ensure network front: aborted: context canceled", "",
		},
		"a late one": {
			fmt.Errorf("asking: %w", context.DeadlineExceeded), resource.ErrTimeout,
			"ensure network front: timed out: asking: context deadline exceeded", "",
		},
		"what came too late": {
			resource.ErrCreate.WithHint("try").Wrap(context.DeadlineExceeded), resource.ErrCreate,
			"ensure network front: creating failed: context deadline exceeded", "try",
		},
		"of another resource": {fmt.Errorf("asking: %w", other), other, "asking: image redis:8: " + resource.ErrConflict.Text, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := resource.About(c.err, ref, resource.ActionEnsure)
			if got.Error() != c.text || !errors.Is(got, c.is) || !errors.Is(got, c.err) || resource.Hint(got) != c.hint {
				t.Errorf("got %q with hint %q, want %q with %q", got, resource.Hint(got), c.text, c.hint)
			}
		})
	}
	if err := resource.About(nil, ref, resource.ActionEnsure); err != nil {
		t.Errorf("no error became %v", err)
	}
}
