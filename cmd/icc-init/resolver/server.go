package resolver

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// Address is where containers ask, as Docker's do.
	Address = "127.0.0.11"
	// port is that of DNS.
	port = 53
	// maxQuestions are answered at a time; further ones wait in the kernel. Each needs a descriptor, of which the command's
	// limits may leave few.
	maxQuestions = 512
	// maxConnections are open at a time; each may be idle for as long as idle.
	maxConnections = 64
	idle           = 10 * time.Second
	// patience is how long a question is asked at most: C libraries ask somebody else after 5 seconds.
	patience = 4 * time.Second
	// turn is how long one server may be silent before the next is asked.
	turn = 2 * time.Second
)

// Server answers the container's questions.
type Server struct {
	datagrams, streams *os.File
	upstreams          atomic.Pointer[servers]
	questions          chan struct{}
	connections        chan struct{}
	port               int           // of the upstreams
	patience           time.Duration // with each question
	goneAfter          time.Duration // is upstream.goneAfter
	closed             atomic.Bool
}

// servers are those that are asked, in their order.
type servers struct{ datagrams, streams []*upstream }

// Listen begins to answer at Address by asking the servers.
func Listen(upstreams []string) (*Server, error) {
	return listen(port, port, patience, goneAfter, upstreams)
}

// listen is Listen at any port, for servers on any port, with any patience.
func listen(own, port int, patience, goneAfter time.Duration, upstreams []string) (*Server, error) {
	at, _ := parseAddress(Address, own)
	s := &Server{port: port, patience: patience, goneAfter: goneAfter, questions: make(chan struct{}, mostQuestions()), connections: make(chan struct{}, maxConnections)}
	s.Use(upstreams)
	var err error
	if s.datagrams, err = bindDatagrams(at); err != nil {
		return nil, fmt.Errorf("listening on %s: %w", Address, err)
	}
	if s.streams, err = listenStream(at); err != nil {
		_ = s.datagrams.Close()
		return nil, fmt.Errorf("listening on %s: %w", Address, err)
	}
	go s.serve(s.takeQuestion)
	go s.serve(s.takeConnection)
	return s, nil
}

func mostQuestions() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return maxQuestions
	}
	return int(max(1, min(maxQuestions, files.Cur/4)))
}

// Use makes these the servers that questions from now on are passed to.
func (s *Server) Use(addresses []string) {
	datagrams, streams := upstreams(addresses, s.port, s.goneAfter)
	s.upstreams.Store(&servers{datagrams, streams})
}

// Close ends it. Who has just asked gets no answer, and asks the next server of /etc/resolv.conf.
func (s *Server) Close() {
	s.closed.Store(true)
	_ = s.datagrams.Close()
	_ = s.streams.Close()
}

// serve repeats a step until the server is closed. What fails is short of memory or descriptors, and so worth a try later.
func (s *Server) serve(step func() error) {
	for {
		err := step()
		if s.closed.Load() || errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(refusedPause)
		}
	}
}

func (s *Server) takeQuestion() error {
	s.questions <- struct{}{}
	free := func() { <-s.questions }
	question, from, err := receive(s.datagrams)
	if err != nil || !isQuestion(question) {
		free()
		return err
	}
	go func() {
		defer free()
		reply := ask(question, s.upstreams.Load().datagrams, s.patience)
		_ = whenever(s.datagrams, syscall.RawConn.Write, func(fd int) error { return syscall.Sendto(fd, reply, 0, from) })
	}()
	return nil
}

func (s *Server) takeConnection() error {
	s.connections <- struct{}{}
	free := func() { <-s.connections }
	conn, err := accept(s.streams)
	if err != nil {
		free()
		return err
	}
	go func() {
		defer free()
		defer func() { _ = conn.Close() }()
		s.converse(conn)
	}()
	return nil
}

// converse answers one question after the other.
func (s *Server) converse(conn *os.File) {
	for {
		_ = conn.SetDeadline(time.Now().Add(idle))
		question, err := readMessage(conn)
		if err != nil || !isQuestion(question) {
			return
		}
		s.questions <- struct{}{}
		reply := ask(question, s.upstreams.Load().streams, s.patience)
		<-s.questions
		_ = conn.SetDeadline(time.Now().Add(idle))
		if err := writeMessage(conn, reply); err != nil {
			return
		}
	}
}

// ask asks one server after the other, and those that were silent again, until one knows an answer.
func ask(question []byte, left []*upstream, patience time.Duration) []byte {
	until := time.Now().Add(patience)
	answer := failure(question)
	for len(left) > 0 && time.Now().Before(until) {
		var silent []*upstream
		for _, u := range left {
			reply, err := u.ask(question, until, turnOf(left, patience))
			switch {
			case errors.Is(err, errSilent):
				silent = append(silent, u)
			case err != nil: // never mind
			case declined(reply):
				answer = reply
			default:
				return reply
			}
		}
		left = silent
	}
	return answer
}

// turnOf is how long a server may be silent.
func turnOf(left []*upstream, patience time.Duration) time.Duration {
	if len(left) == 1 {
		return patience
	}
	return turn
}
