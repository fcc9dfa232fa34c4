package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
)

func TestOneWriterAtATime(t *testing.T) {
	t.Parallel()
	s := &server{settings: sdk.Settings{CacheDir: t.TempDir()}}
	unlock, err := s.lock(t.Context(), "front")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
	defer cancel()
	if _, err := s.lock(ctx, "front"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a second writer got %v", err)
	}
	other, err := s.lock(t.Context(), "back")
	if err != nil {
		t.Fatalf("another network is locked, too: %v", err)
	}
	other()
	unlock()
	again, err := s.lock(t.Context(), "front")
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestWithoutACacheThereIsNoLock(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"", "/does/not/exist"} {
		s := &server{settings: sdk.Settings{CacheDir: dir}}
		for range 2 {
			if _, err := s.lock(t.Context(), "front"); err != nil {
				t.Errorf("%q: %v", dir, err)
			}
		}
	}
}
