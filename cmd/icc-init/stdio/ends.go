package stdio

import (
	"fmt"
	"os"
)

// Ends are icc-init's sides of the streams. With a terminal there is only Terminal.
type Ends struct {
	Out, Err *os.File
	In       *os.File // nil when the process has no stdin
	Terminal *os.File
	// Deaf says that a terminal takes no input from clients.
	Deaf bool

	// ended tells the copying to end, once end is closed; nil in ends that another process has made.
	ended, end *os.File
}

// Open makes the streams and returns the process' sides, for its descriptors 0 to 2, and icc-init's.
func Open(tty, stdin bool) ([3]*os.File, Ends, error) {
	var ends Ends
	var process [3]*os.File
	var err error
	if ends.ended, ends.end, err = os.Pipe(); err != nil {
		return process, ends, fmt.Errorf("opening the standard streams: %w", err)
	}
	if tty {
		ours, theirs, err := openTerminal()
		if err != nil {
			ends.Close()
			return process, Ends{}, fmt.Errorf("opening a terminal: %w", err)
		}
		ends.Terminal, ends.Deaf = ours, !stdin
		return [3]*os.File{theirs, theirs, theirs}, ends, nil
	}
	if stdin {
		process[0], ends.In, err = os.Pipe()
	} else {
		process[0], err = os.Open(os.DevNull)
	}
	if err == nil {
		ends.Out, process[1], err = os.Pipe()
	}
	if err == nil {
		ends.Err, process[2], err = os.Pipe()
	}
	if err != nil {
		CloseAll(process)
		ends.Close()
		return process, ends, fmt.Errorf("opening the standard streams: %w", err)
	}
	return process, ends, nil
}

// CloseAll closes the process' sides in this process.
func CloseAll(process [3]*os.File) {
	for _, f := range process {
		if f != nil {
			_ = f.Close() // a terminal is there three times: closing it again does nothing
		}
	}
}

// stop tells the copying to end.
func (e Ends) stop() {
	if e.end != nil {
		_ = e.end.Close()
	}
}

// Close closes icc-init's sides.
func (e Ends) Close() {
	for _, f := range []*os.File{e.Out, e.Err, e.In, e.Terminal, e.ended, e.end} {
		if f != nil {
			_ = f.Close()
		}
	}
}
