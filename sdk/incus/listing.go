package incus

import (
	"encoding/json"
	"fmt"
	"net/url"

	incus "github.com/lxc/incus/v6/client"
)

// Listing returns what the server says of a path such as "/1.0/networks", with one level of recursion, in the words of
// the server: all that a Look has to do with them is hand them on. The query adds to the recursion and to the project
// of server. Errors are the client's own.
func Listing(server incus.InstanceServer, path string, query url.Values) (json.RawMessage, error) {
	info, err := server.GetConnectionInfo()
	if err != nil {
		return nil, err
	}
	q := url.Values{"recursion": {"1"}, "project": {info.Project}}
	for k, v := range query {
		q[k] = v
	}
	resp, _, err := server.RawQuery("GET", path+"?"+q.Encode(), nil, "")
	if err != nil {
		return nil, err
	}
	return resp.Metadata, nil
}

// ParseListing reads a Listing; none is an empty one.
func ParseListing[T any](raw json.RawMessage) ([]T, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var items []T
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, fmt.Errorf("reading a listing: %w", err)
	}
	return items, nil
}
