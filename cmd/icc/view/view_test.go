package view

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(seconds float64, t event.Type, ref resource.Ref, a resource.Action) event.Event {
	return event.Event{
		Time: start.Add(time.Duration(seconds * float64(time.Second))), Type: t, Ref: ref, Action: a,
		IncusName: "shop-" + ref.Name, Percent: -1,
	}
}

func instance(name string) resource.Ref {
	return resource.Ref{Kind: resource.KindInstance, Name: name}
}

func TestPlainSaysWhatBeginsAndEnds(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := NewPlain(&out)
	begin := at(0, event.Started, instance("web-1"), resource.ActionEnsure)
	begin.Class = resource.ClassCreate
	p.Handle(begin)
	built := at(1, event.Output, instance("web-1"), resource.ActionEnsure)
	built.Data = []byte("STEP 1\nSTEP")
	p.Handle(built)
	built.Data = []byte(" 2\n")
	p.Handle(built)
	end := begin
	end.Type, end.Elapsed, end.Changed = event.Done, 1500*time.Millisecond, true
	p.Handle(end)
	failed := at(2, event.Failed, instance("web-1"), resource.ActionStart)
	failed.Err = errors.New("no such file\nand more")
	p.Handle(failed)
	p.Handle(event.Event{Type: event.Notice, Level: resource.LevelWarning, Text: "careful", Hint: "look"})
	p.Handle(event.Event{Type: event.Notice, Level: resource.LevelDebug, Text: "never shown"})
	p.Handle(event.Event{Type: event.Summary, Elapsed: 2 * time.Second})
	p.Handle(end)
	p.Handle(event.Event{Type: event.Summary, Elapsed: time.Second})
	want := ` Instance shop-web-1  Creating
 web-1 | STEP 1
 web-1 | STEP 2
 Instance shop-web-1  Created  1.5s
 Instance shop-web-1  Error
warning: careful
  hint: look
 1 step done in 2.0s
 Instance shop-web-1  Created  1.5s
 1 step done in 1.0s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONIsOneObjectALineWithTheErrorsCode(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	j := NewJSON(&out)
	failed := at(2, event.Failed, instance("web-1"), resource.ActionStart)
	failed.Err = resource.ErrPortInUse.WithHint("choose another")
	j.Handle(failed)
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"time": "2026-11-22T12:00:02Z", "type": "failed", "kind": "instance", "name": "web-1", "incus_name": "shop-web-1",
		"action": "start", "error": "the port is already in use", "code": "port-in-use", "hint": "choose another",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// window makes a view without animation, so that tests decide when it draws.
func window(out *bytes.Buffer, width, height int) *TTY {
	return &TTY{w: out, size: func() (int, int) { return width, height }, index: make(map[resource.Ref]*row), stop: make(chan struct{})}
}

func TestTTYFitsTheWindow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := window(&out, 40, 10)
	for i := range 50 {
		ref := instance(strings.Repeat("x", i) + "-1")
		v.Handle(at(0, event.Started, ref, resource.ActionStart))
		if i < 47 {
			v.Handle(at(1, event.Done, ref, resource.ActionStart))
		}
	}
	lines := v.lines(40, 9)
	if len(lines) > 9 {
		t.Errorf("want at most 9 lines, got %d", len(lines))
	}
	if !strings.Contains(lines[0], "47 of 50 finished") {
		t.Errorf("want the finished ones collapsed, got %q", lines[0])
	}
	if len(lines) != 4 {
		t.Errorf("want the three that run below it, got %q", lines)
	}
	for _, l := range lines {
		if n := len([]rune(l)); n > 40 {
			t.Errorf("line of %d characters in a window of 40: %q", n, l)
		}
	}
}

func TestANarrowWindowShowsWhatHappensRatherThanToWhatKind(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		60: " ✔ Instance long-project-web-1  Started",
		38: " ✔ long-project-web-1  Started",
		20: " ✔ long-proje…",
	} {
		var out bytes.Buffer
		v := window(&out, width, 10)
		e := at(0, event.Started, instance("web-1"), resource.ActionStart)
		e.IncusName = "long-project-web-1"
		v.Handle(e)
		e.Type, e.Changed = event.Done, true
		v.Handle(e)
		if got := v.lines(width, 9)[0]; !strings.HasPrefix(got, want+" ") || len([]rune(got)) > width {
			t.Errorf("in %d columns it says %q, want %q", width, got, want)
		}
	}
}

func TestTTYShowsEachResourceOnceAndErasesWhatItDrew(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := window(&out, 80, 24)
	v.Handle(at(0, event.Started, instance("web-1"), resource.ActionStart))
	v.draw()
	done := at(2, event.Done, instance("web-1"), resource.ActionStart)
	done.Changed = true
	v.Handle(done)
	v.draw()
	frames := strings.Split(out.String(), "\x1b[1A\x1b[J")
	if len(frames) != 2 {
		t.Fatalf("want the second frame to replace the first, got %q", out.String())
	}
	if want := " ✔ Instance shop-web-1  Started"; !strings.HasPrefix(frames[1], want) || !strings.HasSuffix(frames[1], "2.0s\n") {
		t.Errorf("want %q … 2.0s, got %q", want, frames[1])
	}
}

func TestNewRefusesAnUnknownMode(t *testing.T) {
	t.Parallel()
	_, err := New("fancy", nil)
	if !errors.Is(err, resource.ErrInvalidFormat) || !strings.Contains(resource.Hint(err), "plain") {
		t.Errorf("want an error that lists the modes, got %v", err)
	}
}

func TestWhatIsCancelledDidNotFail(t *testing.T) {
	t.Parallel()
	failed := at(0, event.Failed, instance("web-1"), resource.ActionStart)
	failed.Err = fmt.Errorf("starting: %w", context.Canceled)
	var plain bytes.Buffer
	NewPlain(&plain).Handle(failed)
	if want := " Instance shop-web-1  Interrupted\n"; plain.String() != want {
		t.Errorf("plain: %q, want %q", plain.String(), want)
	}
	var drawn bytes.Buffer
	tty := NewTTY(&drawn, func() (int, int) { return 60, 10 })
	tty.Handle(failed)
	tty.Handle(event.Event{Type: event.Summary, Err: failed.Err})
	tty.Close()
	if got := drawn.String(); !strings.Contains(got, "Interrupted") || strings.Contains(got, "canceled") {
		t.Errorf("tty: %q", got)
	}
}

func TestTablesHaveNoBlanksAtTheEndsOfLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table := NewTable("NAME", "PORTS", "REASON")
	table.Row("web-1", "80", "")
	table.Row("a", "", "")
	table.Row("", "", "  port: 80")
	table.Print(&out)
	want := "NAME    PORTS   REASON\nweb-1   80\na\n                  port: 80\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestANoticeNamesItsResourceOnce(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"shop-web-1 is unhealthy": "warning: shop-web-1 is unhealthy\n",
		"it is unhealthy":         "warning: Instance shop-web-1: it is unhealthy\n",
	} {
		var out bytes.Buffer
		printNotice(&out, event.Event{Ref: instance("web-1"), IncusName: "shop-web-1", Level: resource.LevelWarning, Text: text})
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
