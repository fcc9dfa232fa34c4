package resource_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func TestAnErrorSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	cause := errors.New("no such pool")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"the sentinel alone": {resource.ErrNotFound, "not found"},
		"with a resource":    {resource.ErrNotFound.WithKindName(resource.KindImage, "redis:8"), "image redis:8: not found"},
		"with everything": {
			resource.ErrCreate.WithResource(resource.Ref{Kind: "storage-volume", Name: "data"}).
				WithAction(resource.ActionEnsure).WithText("the pool is missing").WithHint("create it").Wrap(cause),
			"ensure storage-volume data: the pool is missing: no such pool",
		},
		"a text that has the name": {
			resource.ErrUnhealthy.WithKindName(resource.KindInstance, "web-3").WithText("web-3 is unhealthy").WithAction(resource.ActionStart),
			"web-3 is unhealthy",
		},
		"a text that has a longer name": {
			resource.ErrBuild.WithKindName(resource.KindImage, "web").WithText("building web-3 failed"), "image web: building web-3 failed",
		},
		"a text that has the name in another line": {
			resource.ErrBuild.WithKindName(resource.KindImage, "web").WithText("the build failed\nFROM web"), "image web: the build failed\nFROM web",
		},
		"an action without resource": {resource.ErrAborted.WithAction(resource.ActionStop), "aborted"},
		"a cause alone":              {resource.ErrUnknown.WithText("").Wrap(cause), "no such pool"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.err.Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestErrorsAreToldApartByTheirCode(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("starting: %w", resource.ErrTimeout.WithText("no answer in 5s").Wrap(fs.ErrNotExist))
	for target, want := range map[error]bool{
		resource.ErrTimeout:                 true,
		&resource.Error{Code: "timeout"}:    true, // decoded in another process
		resource.ErrTimeout.WithText("any"): true,
		fs.ErrNotExist:                      true,
		resource.ErrNotFound:                false,
		fs.ErrPermission:                    false,
		errors.New("timeout"):               false,
	} {
		if got := errors.Is(err, target); got != want {
			t.Errorf("errors.Is(err, %#v) = %v", target, got)
		}
	}
}

func TestEnrichingAnErrorLeavesTheSentinelAlone(t *testing.T) {
	t.Parallel()
	before := *resource.ErrConflict
	ref := resource.Ref{Kind: resource.KindNetwork, Name: "front"}
	got := resource.ErrConflict.WithText("text").WithHint("hint").WithAction(resource.ActionDelete).WithResource(ref).Wrap(fs.ErrExist)
	want := &resource.Error{
		Code: "conflict", Text: "text", Kind: ref.Kind, Name: ref.Name, Action: resource.ActionDelete, Hint: "hint", Cause: fs.ErrExist,
	}
	if *got != *want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if *resource.ErrConflict != before {
		t.Errorf("the sentinel became %+v", resource.ErrConflict)
	}
}

func TestEveryErrorHasACode(t *testing.T) {
	t.Parallel()
	inner := resource.ErrPermission.WithText("inner")
	for name, c := range map[string]struct {
		err      error
		code     string
		wantText string
	}{
		"an error of ours":        {inner, "permission", "inner"},
		"one that is wrapped":     {fmt.Errorf("while: %w", inner), "permission", "inner"},
		"the outermost of two":    {resource.ErrCreate.Wrap(inner), "create", "creating failed: inner"},
		"one among joined errors": {errors.Join(fs.ErrExist, inner), "permission", "inner"},
		"somebody else's":         {fs.ErrExist, "unknown", "file already exists"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := resource.AsError(c.err)
			if got.Code != c.code || got.Error() != c.wantText {
				t.Errorf("got %q %q", got.Code, got.Error())
			}
			if c.code == "unknown" && !errors.Is(got, c.err) {
				t.Error("the original error is lost")
			}
		})
	}
	if resource.AsError(nil) != nil {
		t.Error("no error became one")
	}
}

func TestTheOutermostHintIsShown(t *testing.T) {
	t.Parallel()
	hinted := resource.ErrPortInUse.WithHint("choose another port")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"none at all":         {fmt.Errorf("a: %w", resource.ErrTimeout), ""},
		"no error":            {nil, ""},
		"deep down":           {fmt.Errorf("a: %w", resource.ErrCreate.Wrap(fmt.Errorf("b: %w", hinted))), "choose another port"},
		"an outer one wins":   {resource.ErrCreate.WithHint("outer").Wrap(hinted), "outer"},
		"among joined errors": {fmt.Errorf("all: %w", errors.Join(fs.ErrExist, hinted)), "choose another port"},
		"joined without any":  {errors.Join(fs.ErrExist, fs.ErrClosed), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, resource.Hint(c.err)); diff != "" {
				t.Errorf("hint (-want +got):\n%s", diff)
			}
		})
	}
}
