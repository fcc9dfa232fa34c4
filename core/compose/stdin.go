package compose

import "io"

// Rereadable returns a reader of from that begins anew after each end, for a compose file on the standard input that is
// loaded more than once.
func Rereadable(from io.Reader) io.Reader { return &rereadable{from: from} }

type rereadable struct {
	from          io.Reader
	content, rest []byte
	ended         bool // from has
}

// Read implements io.Reader.
func (r *rereadable) Read(p []byte) (int, error) {
	if !r.ended {
		n, err := r.from.Read(p)
		r.content = append(r.content, p[:n]...)
		if err == io.EOF {
			r.ended, r.rest = true, r.content
		}
		return n, err
	}
	if len(r.rest) == 0 {
		r.rest = r.content
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
