package registry

import (
	"io"
	"net/http"
	"sync/atomic"
)

// counter counts the bytes of the answers, for the progress of downloads.
type counter struct {
	next     http.RoundTripper
	received atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err == nil {
		resp.Body = &countedBody{ReadCloser: resp.Body, received: &c.received}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	received *atomic.Int64
}

// Read implements io.Reader.
func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.received.Add(int64(n))
	return n, err
}
