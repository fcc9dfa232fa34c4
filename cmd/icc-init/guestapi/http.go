package guestapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// timeout bounds one exchange; the server answers from memory.
const timeout = 10 * time.Second

// maxBody bounds an answer: Incus keeps a value in one row of its database.
const maxBody = 64 << 20

// errResponse says that the other side does not speak HTTP as expected.
var errResponse = errors.New("the answer of the guest API is not HTTP")

// answer is a status code and the whole body.
type answer struct {
	status int
	body   []byte
}

// exchange sends one request on a connection of its own.
func (c Client) exchange(ctx context.Context, method, path, body string) (answer, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return answer{}, os.NewSyscallError("socket", err)
	}
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: c.Socket}); err != nil {
		_ = syscall.Close(fd)
		return answer{}, &os.PathError{Op: "connect", Path: c.Socket, Err: err}
	}
	if err := syscall.SetNonblock(fd, true); err != nil { // so that deadlines work
		_ = syscall.Close(fd)
		return answer{}, os.NewSyscallError("setnonblock", err)
	}
	conn := os.NewFile(uintptr(fd), c.Socket)
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(timeout))
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()

	request := method + " " + path + " HTTP/1.1\r\nHost: incus\r\nUser-Agent: icc-init\r\nConnection: close\r\n"
	if body != "" {
		request += "Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"+body); err != nil {
		return answer{}, err
	}
	return readAnswer(bufio.NewReaderSize(conn, 64<<10))
}

func readAnswer(r *bufio.Reader) (answer, error) {
	line, err := readLine(r)
	if err != nil {
		return answer{}, err
	}
	f := strings.Fields(line)
	if len(f) < 2 || !strings.HasPrefix(f[0], "HTTP/1.") {
		return answer{}, errResponse
	}
	status, err := strconv.Atoi(f[1])
	if err != nil {
		return answer{}, errResponse
	}
	length, chunked := -1, false
	for {
		line, err := readLine(r)
		if err != nil {
			return answer{}, err
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "content-length":
			if length, err = strconv.Atoi(value); err != nil || length < 0 || length > maxBody {
				return answer{}, errResponse
			}
		case "transfer-encoding":
			chunked = strings.EqualFold(value, "chunked")
		}
	}
	body, err := readBody(r, length, chunked)
	return answer{status: status, body: body}, err
}

func readBody(r *bufio.Reader, length int, chunked bool) ([]byte, error) {
	switch {
	case chunked:
		return readChunks(r)
	case length >= 0:
		body := make([]byte, length)
		_, err := io.ReadFull(r, body)
		return body, err
	default: // until the end of the connection
		return io.ReadAll(io.LimitReader(r, maxBody))
	}
}

func readChunks(r *bufio.Reader) ([]byte, error) {
	var body []byte
	for {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(strings.TrimSpace(size), 16, 32)
		if err != nil || n < 0 || len(body)+int(n) > maxBody {
			return nil, errResponse
		}
		if n == 0 {
			return body, nil // what follows are trailers and the end
		}
		from := len(body)
		body = append(body, make([]byte, n)...)
		if _, err := io.ReadFull(r, body[from:]); err != nil {
			return nil, err
		}
		if _, err := readLine(r); err != nil {
			return nil, err
		}
	}
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("reading from the guest API: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
