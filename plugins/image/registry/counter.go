package registry

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// counter counts the bytes of the answers, for the progress of downloads.
type counter struct {
	next     http.RoundTripper
	received atomic.Int64
	// encrypted refuses plain HTTP, which the library tries on the loopback interface when HTTPS fails.
	encrypted bool
	// distrusted is why HTTPS failed, when it was for the registry's certificate: the library goes on with plain HTTP on
	// the loopback interface, and that error says nothing.
	distrusted atomic.Pointer[tls.CertificateVerificationError]
}

var errPlain = errors.New("plain HTTP is not used for a remote with an https address")

// RoundTrip implements http.RoundTripper.
func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.encrypted && req.URL.Scheme == "http" {
		return nil, errPlain
	}
	resp, err := c.next.RoundTrip(req)
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		c.distrusted.Store(certificate)
	}
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
