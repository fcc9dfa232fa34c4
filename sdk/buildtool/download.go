package buildtool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/icc-project/icc/sdk/resource"
)

// download gets an archive or a Containerfile and unpacks it into a directory.
func (j *Job) download(ctx context.Context, from, dir string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err // the address is named already
		}
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server says %s", answer.Status)
	}
	file := j.Path("download")
	if err := save(file, answer, j.Sink); err != nil {
		return err
	}
	defer func() { _ = os.Remove(file) }()
	return j.unpack(ctx, file, dir)
}

// save writes an answer to a file, and says how far it is.
func save(file string, answer *http.Response, sink resource.Sink) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	m := &meter{to: f, sink: sink, total: answer.ContentLength}
	_, err = io.Copy(m, answer.Body)
	return errors.Join(err, f.Close())
}

// meter tells how much of a download has come.
type meter struct {
	to          io.Writer
	sink        resource.Sink
	done, total int64
	said        int
}

// Write implements io.Writer.
func (m *meter) Write(p []byte) (int, error) {
	n, err := m.to.Write(p)
	m.done += int64(n)
	if m.total > 0 {
		if percent := int(100 * m.done / m.total); percent > m.said {
			m.said = percent
			m.sink.Progress(resource.Progress{Percent: percent, Text: "fetching"})
		}
	}
	return n, err
}
