package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// piece is what the server handed out.
type piece struct {
	text []byte
	// final says that the instance has stopped, so that the text is the file of its last run.
	final bool
	// mark tells the file of one run from that of another.
	mark string
}

// fetch takes what is in the ring. An instance that ends at this moment refuses to answer for an instant, which is
// waited out.
func fetch(ctx context.Context, server incus.InstanceServer, name string) (piece, error) {
	const attempts = 20
	for attempt := 1; ; attempt++ {
		p, err := request(ctx, server, name)
		if err == nil {
			return p, nil
		}
		if attempt == attempts || !passing(err) {
			return p, fmt.Errorf("reading the console of %q: %w", name, sdkincus.MapError(err))
		}
		if sdkincus.Pause(ctx, 50*time.Millisecond) != nil {
			return p, context.Cause(ctx)
		}
	}
}

// request asks by hand, because only the answer's header tells the ring from the file.
func request(ctx context.Context, server incus.InstanceServer, name string) (piece, error) {
	info, err := server.GetConnectionInfo()
	if err != nil {
		return piece{}, err
	}
	address := fmt.Sprintf("%s/1.0/instances/%s/console?project=%s", info.URL, url.PathEscape(name), url.QueryEscape(info.Project))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return piece{}, err
	}
	resp, err := server.DoHTTP(req)
	if err != nil {
		return piece{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return piece{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return piece{}, statusError(resp.StatusCode, text)
	}
	// The server does not quote the name, so package mime refuses to read it.
	_, file, _ := strings.Cut(resp.Header.Get("Content-Disposition"), "filename=")
	return piece{text: text, final: strings.Trim(file, `"`) != "", mark: resp.Header.Get("Last-Modified")}, nil
}

func statusError(status int, body []byte) error {
	var answer api.Response
	if json.Unmarshal(body, &answer) == nil && answer.Error != "" {
		return api.StatusErrorf(status, "%s", answer.Error)
	}
	return api.StatusErrorf(status, "%s", http.StatusText(status))
}

// passing reports whether the error is that of a container whose monitor is just going away.
func passing(err error) bool {
	text := err.Error()
	return strings.Contains(text, "connection refused") || strings.Contains(text, "connection reset") ||
		strings.Contains(text, "Failed to retrieve console log")
}
