package main

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

func TestRunsTakeTurns(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "turns")
	never := func() { t.Error("had to wait") }
	first, err := takeTurn(t.Context(), dir, "shop", never)
	if err != nil {
		t.Fatal(err)
	}
	other, err := takeTurn(t.Context(), dir, "blog", never)
	if err != nil {
		t.Fatal(err)
	}
	defer other.end()

	ctx, cancel := context.WithCancel(t.Context())
	if _, err := takeTurn(ctx, dir, "shop", cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("a second run got the turn, or ended with %v", err)
	}
	waiting := make(chan struct{})
	second := make(chan *turn)
	go func() {
		got, err := takeTurn(t.Context(), dir, "shop", func() { close(waiting) })
		if err != nil {
			t.Error(err)
		}
		second <- got
	}()
	<-waiting
	select {
	case <-second:
		t.Error("two have the turn")
	case <-time.After(3 * turnPoll):
	}
	first.end()
	(<-second).end()
}

func TestThereIsNoTurnWithoutAPlaceForIt(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"", "/dev/null/turns"} {
		got, err := takeTurn(t.Context(), dir, "shop", func() { t.Error("had to wait") })
		if err != nil {
			t.Errorf("%q: %v", dir, err)
		}
		got.end()
	}
}
