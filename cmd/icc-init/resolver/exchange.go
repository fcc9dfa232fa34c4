package resolver

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// datagrams asks from one socket, so that an answer to an earlier try counts.
type datagrams struct{ socket *os.File }

func newDatagrams(to address) (exchange, error) {
	f, err := dialDatagram(to)
	if err != nil {
		return nil, err
	}
	return datagrams{f}, nil
}

func (d datagrams) close() { _ = d.socket.Close() }

func (d datagrams) ask(question []byte, until time.Time) ([]byte, error) {
	_ = d.socket.SetDeadline(until)
	if _, err := d.socket.Write(question); err != nil {
		return nil, inTime(err)
	}
	for {
		reply, _, err := receive(d.socket)
		if err != nil {
			return nil, inTime(err)
		}
		if answers(reply, question) {
			return reply, nil
		}
	}
}

// streams asks with a connection for each question.
type streams struct{ to address }

func newStreams(to address) (exchange, error) { return streams{to}, nil }

func (streams) close() {}

func (s streams) ask(question []byte, until time.Time) ([]byte, error) {
	f, err := dialStream(s.to, until)
	if err != nil {
		return nil, inTime(err)
	}
	defer func() { _ = f.Close() }()
	_ = f.SetDeadline(until)
	if err := writeMessage(f, question); err != nil {
		return nil, inTime(err)
	}
	for {
		reply, err := readMessage(f)
		if err != nil {
			return nil, inTime(err)
		}
		if answers(reply, question) {
			return reply, nil
		}
	}
}

// inTime tells what ends with time from what will not. A connection that is cut was to a server that is ending, which
// refuses the next one.
func inTime(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSilent
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return syscall.ECONNREFUSED
	}
	return err
}
