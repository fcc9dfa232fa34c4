package resource

// Progress describes the live state of a long operation.
type Progress struct {
	// Percent is 0-100, or -1 when the operation reports no percentage.
	Percent int `json:"percent"`
	// Text is the raw status text, empty when none was reported.
	Text string `json:"text,omitempty"`
}

// Stream names one of a process's two output streams.
type Stream string

// The output streams.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

// Level of a Notice.
type Level string

// The notice levels. Warnings are always shown to the user.
const (
	LevelDebug   Level = "debug"
	LevelInfo    Level = "info"
	LevelWarning Level = "warning"
)

// Sink receives what an action reports while it runs. Implementations are safe for concurrent use and never block long.
type Sink interface {
	Progress(Progress)
	// Output passes bytes on as the resource wrote them; data must not be kept.
	Output(stream Stream, data []byte)
	Notice(level Level, text string)
}

// Discard is a Sink that drops everything.
type Discard struct{}

// Progress implements Sink.
func (Discard) Progress(Progress) {}

// Output implements Sink.
func (Discard) Output(Stream, []byte) {}

// Notice implements Sink.
func (Discard) Notice(Level, string) {}
