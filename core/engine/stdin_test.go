package engine

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func fromStdin(t *testing.T) *kinds.BuildRequest {
	t.Helper()
	return &kinds.BuildRequest{Name: "shop-web", OutputDir: t.TempDir(), Build: kinds.BuildConfig{Context: kinds.ContextStdin}}
}

func TestTheStandardInputIsAContextOnce(t *testing.T) {
	t.Parallel()
	s := &stdin{from: strings.NewReader("FROM scratch")}
	other := &kinds.BuildRequest{Build: kinds.BuildConfig{Context: "/src"}}
	if err := s.fill(t.Context(), other); err != nil || other.Build.Context != "/src" {
		t.Errorf("another context: %+v, %v", other, err)
	}
	req := fromStdin(t)
	if err := s.fill(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(req.Build.Context); err != nil || string(content) != "FROM scratch" {
		t.Errorf("the context is %q, %v", content, err)
	}
	if err := s.fill(t.Context(), fromStdin(t)); !errors.Is(err, resource.ErrBuild) || resource.Hint(err) == "" {
		t.Errorf("a second one: %v", err)
	}
	if err := (&stdin{}).fill(t.Context(), fromStdin(t)); err == nil || !strings.Contains(err.Error(), "nothing is piped") {
		t.Errorf("nothing piped: %v", err)
	}
}

func TestWaitingForTheStandardInputEndsWithTheRun(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&stdin{from: r}).fill(ctx, fromStdin(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
