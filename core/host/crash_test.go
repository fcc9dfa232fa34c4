package host

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestACrashFailsTheActionWithThePluginsLastWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		action resource.Action
		text   []string
	}{
		{"a handler panics", "panic", []string{"exit status 2", "panic: the handler is broken", "goroutine "}},
		{"a goroutine panics", "goroutine-panic", []string{"exit status 2", "panic: the goroutine is broken"}},
		{"the plugin exits", "exit", []string{"exit status 3", "I have had enough"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "alpha")
			p := provider(t, b.Host, "alpha")
			first := outputOf[int](t, p, "pid", "")
			_, err := run(t.Context(), p, tt.action, "web-1")
			if !errors.Is(err, resource.ErrPluginCrash) {
				t.Fatalf("error %v, want a crash", err)
			}
			for _, text := range append(tt.text, `plugin "alpha" crashed while running `+string(tt.action)+" of test web-1") {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the error does not say %q:\n%v", text, err)
				}
			}
			if !strings.Contains(resource.Hint(err), b.dir) {
				t.Errorf("the hint does not name the file: %s", resource.Hint(err))
			}
			if second := outputOf[int](t, p, "pid", ""); second == first {
				t.Error("the process that crashed is still in use")
			}
		})
	}
}

func TestACrashFailsAllActionsUnderWay(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	p := provider(t, b.Host, "alpha")
	started := make(chan struct{}, 8)
	var waiting sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		waiting.Go(func() {
			_, err := p.Run(t.Context(), sdk.RunRequest{
				Action: "wait", Resource: resource.Resolved{Ref: resource.Ref{Name: "/dev/null"}},
			}, signalling{started})
			errs <- err
		})
	}
	for range 8 {
		<-started
	}
	if _, err := run(t.Context(), p, "exit", ""); !errors.Is(err, resource.ErrPluginCrash) {
		t.Errorf("the action that crashed it: %v", err)
	}
	waiting.Wait()
	close(errs)
	for err := range errs {
		if !errors.Is(err, resource.ErrPluginCrash) {
			t.Errorf("an action under way: %v", err)
		}
	}
	if _, err := run(t.Context(), p, "pid", ""); err != nil {
		t.Errorf("after the crash: %v", err)
	}
}

// signalling is a Sink that tells of each progress.
type signalling struct{ progress chan struct{} }

func (s signalling) Progress(resource.Progress)   { s.progress <- struct{}{} }
func (signalling) Output(resource.Stream, []byte) {}
func (signalling) Notice(resource.Level, string)  {}

func TestACrashingPluginIsStartedAgainThreeTimesAMinute(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	p := provider(t, b.Host, "alpha")
	for i := range 1 + maxRestarts {
		if _, err := run(t.Context(), p, "exit", ""); !errors.Is(err, resource.ErrPluginCrash) || !strings.Contains(err.Error(), "crashed while") {
			t.Fatalf("run %d: %v", i, err)
		}
	}
	_, err := run(t.Context(), p, "pid", "")
	if !errors.Is(err, resource.ErrPluginCrash) {
		t.Fatalf("it was started a fifth time: %v", err)
	}
	for _, text := range []string{`"alpha" has failed 4 times within 1m0s`, "I have had enough"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q: %v", text, err)
		}
	}
	// A minute later all is forgiven.
	program := b.programs()[0]
	program.mu.Lock()
	for i := range program.crashes {
		program.crashes[i].at = program.crashes[i].at.Add(-restartWindow)
	}
	program.mu.Unlock()
	if _, err := run(t.Context(), p, "pid", ""); err != nil {
		t.Errorf("after a minute: %v", err)
	}
}

func TestLastWordsAreTheReasonAndNotTheNoise(t *testing.T) {
	t.Parallel()
	var w lastWords
	for i := range 1000 {
		w.add(fmt.Sprintf("noise %d", i))
	}
	if got := w.String(); got != "noise 997\nnoise 998\nnoise 999" {
		t.Errorf("without a panic: %q", got)
	}
	w.add("panic: boom")
	for i := range 50 {
		w.add(fmt.Sprintf("stack %d", i))
	}
	if got := w.String(); !strings.HasPrefix(got, "panic: boom\nstack 0\n") || strings.Count(got, "\n") != shownLines-1 {
		t.Errorf("with a panic: %q", got)
	}
	if n := len(w.all()); n != keptLines {
		t.Errorf("%d lines are kept", n)
	}
	w.add(strings.Repeat("x", 1<<20))
	if n := len(w.all()[keptLines-1]); n != keptLineBytes {
		t.Errorf("a line of %d bytes is kept", n)
	}
}
