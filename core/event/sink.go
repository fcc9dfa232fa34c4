package event

import "github.com/icc-project/icc/sdk/resource"

// Sink turns what one action on one resource reports into events.
type Sink struct {
	Handler   Handler
	Ref       resource.Ref
	Action    resource.Action
	IncusName string
}

var _ resource.Sink = Sink{}

// Progress implements resource.Sink.
func (s Sink) Progress(p resource.Progress) {
	e := s.event(Progress)
	e.Percent, e.Text = p.Percent, p.Text
	s.Handler(e)
}

// Output implements resource.Sink.
func (s Sink) Output(stream resource.Stream, data []byte) {
	e := s.event(Output)
	e.Stream, e.Data = stream, data
	s.Handler(e)
}

// Notice implements resource.Sink.
func (s Sink) Notice(level resource.Level, text string) {
	e := s.event(Notice)
	e.Level, e.Text = level, text
	s.Handler(e)
}

func (s Sink) event(t Type) Event {
	return Event{Type: t, Ref: s.Ref, Action: s.Action, IncusName: s.IncusName, Percent: -1}
}
