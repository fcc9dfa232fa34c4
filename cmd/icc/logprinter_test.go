package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

func printer(prefix bool) (*logPrinter, *bytes.Buffer, *bytes.Buffer) {
	var out, err bytes.Buffer
	p := &logPrinter{
		out: &out, err: &err, prefix: prefix,
		colours: make(map[resource.Ref]int), names: make(map[resource.Ref]string),
	}
	p.split = newSplitter(p.write)
	return p, &out, &err
}

func logEvent(name string, stream resource.Stream, data string) event.Event {
	ref := resource.Ref{Kind: resource.KindInstance, Name: name}
	return event.Event{Type: event.Output, Action: resource.ActionLog, Ref: ref, Stream: stream, Data: []byte(data)}
}

func TestLogLinesStayWholeAndApart(t *testing.T) {
	t.Parallel()
	p, out, errs := printer(true)
	web := instance{State: resource.State{Ref: resource.Ref{Kind: resource.KindInstance, Name: "web-1"}, IncusName: "shop-web-1"}}
	db := instance{State: resource.State{Ref: resource.Ref{Kind: resource.KindInstance, Name: "db-1"}, IncusName: "shop-db-1"}}
	p.prepare([]instance{web, db})
	p.Handle(logEvent("web-1", resource.Stdout, "one\r\ntw"))
	p.Handle(logEvent("db-1", resource.Stdout, "ready\n"))
	p.Handle(logEvent("web-1", resource.Stderr, "oops\n"))
	p.Handle(logEvent("web-1", resource.Stdout, "o\nlast"))
	p.flush(web.Ref)
	want := "shop-web-1 | one\nshop-db-1  | ready\nshop-web-1 | two\nshop-web-1 | last\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("shop-web-1 | oops\n", errs.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

func TestLogLinesWithoutPrefix(t *testing.T) {
	t.Parallel()
	p, out, _ := printer(false)
	p.Handle(logEvent("web-1", resource.Stdout, "one\n\ntwo\n"))
	if diff := cmp.Diff("one\n\ntwo\n", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLogLinesBeginWithTheirTimesWhenAskedFor(t *testing.T) {
	t.Parallel()
	const its = "2026-11-22T18:00:00.5Z a time of its own\n"
	const in = "2026-11-22T18:00:00.500000000Z one\n2026-11-22T18:00:01.000000000Z two words\nno time\n2026-11-22T18:00:02.000000000Z \n" + its

	for times, want := range map[bool]string{true: in, false: "one\ntwo words\nno time\n\n" + its} {
		p, out, _ := printer(false)
		p.times = times
		p.Handle(logEvent("web-1", resource.Stdout, in))
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("times %v (-want +got):\n%s", times, diff)
		}
	}
}
