package resolver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// query is a question for the IPv4 address of a name.
func query(id uint16, name string) []byte {
	q := binary.BigEndian.AppendUint16(nil, id)
	q = append(q, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, byte(len(name)))
	return append(append(q, name...), 0, 0, 1, 0, 1)
}

// reply answers a question with a code and some text after it.
func reply(question []byte, code byte, text string) []byte {
	out := append([]byte{}, question...)
	out[2] |= flagReply
	out[3] |= code
	return append(out, text...)
}

func textOf(m []byte) string { return string(m[questionEnd(m):]) }

// freePort finds a port that nobody has on the addresses of tests, and nobody else gets before the test has ended: it is
// held at an address that is for nothing else.
func freePort(t *testing.T) int {
	t.Helper()
	for {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 2, 1)})
		if err != nil {
			t.Fatal(err)
		}
		port := conn.LocalAddr().(*net.UDPAddr).Port
		listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 2, 1), Port: port})
		if err != nil { // somebody has it for connections
			conn.Close()
			continue
		}
		t.Cleanup(func() { conn.Close(); listener.Close() })
		return port
	}
}

// serve answers at 127.0.1.N as do says, one question after the other; nil is no answer. It ends with the test or close.
func serve(t *testing.T, n, port int, do func(question []byte) []byte) (end func()) {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 1, byte(n)), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(1 << 20)
	go func() {
		buffer := make([]byte, 1<<16)
		for {
			size, from, err := conn.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			if answer := do(append([]byte{}, buffer[:size]...)); answer != nil {
				_, _ = conn.WriteToUDP(answer, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close() })
	return func() { conn.Close() }
}

// serveStream is serve for connections, of which each has one question.
func serveStream(t *testing.T, n, port int, do func(question []byte) []byte) {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(n)), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if question, err := readMessage(conn); err == nil {
				_ = writeMessage(conn, do(question))
			}
			conn.Close()
		}
	}()
}

func says(code byte, text string) func([]byte) []byte {
	return func(question []byte) []byte { return reply(question, code, text) }
}

// client asks the server under test.
type client struct {
	t    *testing.T
	port int
}

// long is a patience, with a question and with a server that refuses, that does not end while a busy machine starts what a test waits for.
const long = time.Minute

// start begins a server that passes questions on to 127.0.1.1 and so on.
func start(t *testing.T, port int, upstreams int) client {
	t.Helper()
	var list []string
	for n := range upstreams {
		list = append(list, fmt.Sprintf("127.0.1.%d", n+1))
	}
	own := freePort(t)
	s, err := listen(own, port, long, long, list)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return client{t, own}
}

// ask sends one packet and returns the answer and the time it took.
func (c client) ask(question []byte) ([]byte, time.Duration) {
	c.t.Helper()
	answer, took, err := c.try(question, 2*long)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer, took
}

func (c client) try(question []byte, wait time.Duration) ([]byte, time.Duration, error) {
	begin := time.Now()
	conn, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.ParseIP(Address), Port: c.port})
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(begin.Add(wait))
	if _, err := conn.Write(question); err != nil {
		return nil, 0, err
	}
	buffer := make([]byte, 1<<16)
	for {
		n, err := conn.Read(buffer)
		if err != nil || idOf(buffer) == idOf(question) { // else it is for whoever had the port before
			return buffer[:n], time.Since(begin), err
		}
	}
}

// insist is try for those who lose packets.
func (c client) insist(question []byte) ([]byte, error) {
	for end := time.Now().Add(2 * long); ; {
		answer, _, err := c.try(question, time.Second)
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().After(end) {
			return answer, err
		}
	}
}
