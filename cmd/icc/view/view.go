package view

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// View shows a run.
type View interface {
	// Handle takes events one at a time.
	Handle(event.Event)
	// Close leaves the terminal as it was found.
	Close()
}

// modes are the values of --progress.
var modes = []string{"auto", "tty", "plain", "json", "quiet"}

// New returns the view for a --progress mode on the given stream; "auto" is "tty" on a terminal and "plain" elsewhere.
func New(mode string, w *os.File) (View, error) {
	if mode == "" || mode == "auto" {
		mode = "plain"
		if term.IsTerminal(int(w.Fd())) && os.Getenv("TERM") != "dumb" {
			mode = "tty"
		}
	}
	switch mode {
	case "tty":
		return NewTTY(w, terminalSize(w)), nil
	case "plain":
		return NewPlain(w), nil
	case "json":
		return NewJSON(w), nil
	case "quiet":
		return quiet{w}, nil
	}
	return nil, resource.ErrInvalidFormat.WithText(fmt.Sprintf("--progress %q is not known", mode)).
		WithHint("use one of " + strings.Join(modes, ", "))
}

// quiet shows warnings only; errors are returned by the run.
type quiet struct{ w io.Writer }

func (q quiet) Handle(e event.Event) {
	if e.Type == event.Notice && e.Level == resource.LevelWarning {
		printNotice(q.w, e)
	}
}

func (quiet) Close() {}

// terminalSize returns a function that asks the terminal for its size; 80 by 24 when it does not say.
func terminalSize(f *os.File) func() (width, height int) {
	return func() (int, int) {
		w, h, err := term.GetSize(int(f.Fd()))
		if err != nil || w <= 0 || h <= 0 {
			return 80, 24
		}
		return w, h
	}
}
