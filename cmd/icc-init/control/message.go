package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/icc-project/icc/cmd/icc-init/attach"
)

// Verbs of requests.
const (
	verbKill   = "kill"
	verbGrace  = "grace"
	verbWait   = "wait"
	verbAttach = "attach"
	verbReload = "reload"
)

// What verbWait waits for.
const (
	untilHealthy = "healthy"
	untilExit    = "exit"
)

// request is what an applet asks PID 1.
type request struct {
	Verb         string      `json:"verb"`
	Signal       int         `json:"signal,omitempty"`
	Milliseconds int64       `json:"milliseconds,omitempty"`
	Until        string      `json:"until,omitempty"`
	Size         attach.Size `json:"size,omitzero"`
}

// answer is what PID 1 says to that.
type answer struct {
	Error string `json:"error,omitempty"`
	Code  int    `json:"code,omitempty"` // one of initspec.Wait* or initspec.Reload*
}

// maxLine bounds a message.
const maxLine = 4096

var errLine = errors.New("the message is too long")

// send writes a message as one line.
func send(w io.Writer, message any) error {
	line, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encoding a message: %w", err)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// receive reads a message. It reads not a byte more, because frames may follow.
func receive(r io.Reader, message any) error {
	var line []byte
	var one [1]byte
	for {
		if _, err := io.ReadFull(r, one[:]); err != nil {
			return err
		}
		if one[0] == '\n' {
			return json.Unmarshal(line, message)
		}
		if line = append(line, one[0]); len(line) > maxLine {
			return errLine
		}
	}
}
