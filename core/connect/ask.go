package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/lxc/incus/v6/shared/api"
)

// asker puts the first questions to a server, with the context and the untouched network errors that the Incus client
// does not give, so that what went wrong can be told exactly.
type asker struct {
	base string
	http http.RoundTripper
	// token is sent as bearer token when it is not empty.
	token string
}

// get decodes the metadata of the answer into out. Answers with an error status are api.StatusError.
func (a *asker) get(ctx context.Context, path string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "icc")
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	resp, err := a.http.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer api.Response
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%w: %s %s: %w", errNotIncus, resp.Status, req.URL.Path, err)
	}
	if answer.Type == api.ErrorResponse {
		return api.StatusErrorf(answer.Code, "%s", answer.Error)
	}
	return answer.MetadataAsStruct(out)
}
