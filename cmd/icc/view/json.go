package view

import (
	"encoding/json"
	"io"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// JSON prints one object a line, for programs.
type JSON struct{ enc *json.Encoder }

// NewJSON returns a view that writes to w.
func NewJSON(w io.Writer) *JSON { return &JSON{enc: json.NewEncoder(w)} }

// jsonEvent is the stable form of an event; fields are added, never renamed.
type jsonEvent struct {
	Time      time.Time       `json:"time"`
	Type      event.Type      `json:"type"`
	Kind      resource.Kind   `json:"kind,omitempty"`
	Name      string          `json:"name,omitempty"`
	IncusName string          `json:"incus_name,omitempty"`
	Action    resource.Action `json:"action,omitempty"`
	Class     resource.Class  `json:"class,omitempty"`
	// Percent is absent when unknown.
	Percent *int            `json:"percent,omitempty"`
	Text    string          `json:"text,omitempty"`
	Stream  resource.Stream `json:"stream,omitempty"`
	Level   resource.Level  `json:"level,omitempty"`
	Changed bool            `json:"changed,omitempty"`
	Elapsed float64         `json:"elapsed_seconds,omitempty"`
	Error   string          `json:"error,omitempty"`
	Code    string          `json:"code,omitempty"`
	Hint    string          `json:"hint,omitempty"`
}

// Handle shows one event.
func (j *JSON) Handle(e event.Event) {
	out := jsonEvent{
		Time: e.Time, Type: e.Type, Kind: e.Ref.Kind, Name: e.Ref.Name, IncusName: e.IncusName, Action: e.Action,
		Class: e.Class, Text: e.Text, Stream: e.Stream, Level: e.Level, Changed: e.Changed, Elapsed: e.Elapsed.Seconds(),
		Hint: e.Hint,
	}
	if e.Percent >= 0 && e.Type == event.Progress {
		out.Percent = &e.Percent
	}
	if e.Type == event.Output {
		out.Text = string(e.Data)
	}
	if e.Err != nil {
		out.Error, out.Code, out.Hint = e.Err.Error(), resource.AsError(e.Err).Code, resource.Hint(e.Err)
	}
	_ = j.enc.Encode(out) // a closed pipe is noticed by whoever reads
}

// Close implements View.
func (j *JSON) Close() {}
