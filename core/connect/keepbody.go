package connect

import (
	"bytes"
	"io"
	"net/http"
)

// maxKept is the largest body that is kept until it is sent. Incus' own requests are smaller, apart from uploads.
const maxKept = 64 << 10

// keepBody lets a request with a small body be sent once more over another connection when the one it was to go over turns
// out to have been cut before: net/http repeats a write of which nothing has left only when it can have the body again.
func keepBody(out *http.Request) {
	if out.Body == nil || out.ContentLength <= 0 || out.ContentLength > maxKept {
		return
	}
	var kept bytes.Buffer
	_, err := io.Copy(&kept, out.Body)
	if err != nil { // the client has gone
		out.Body = io.NopCloser(io.MultiReader(&kept, broken{err}))
		return
	}
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(kept.Bytes())), nil }
	out.Body, _ = out.GetBody()
}

// broken is what could not be read.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
