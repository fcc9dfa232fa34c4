package guestapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// Client asks the guest API.
type Client struct {
	// Socket is its path, initspec.GuestAPI outside tests.
	Socket string
	// Patience is how long to go on when the socket is missing or the server is just restarting.
	Patience time.Duration
}

// pause is the time between two tries.
const pause = 50 * time.Millisecond

// Spec reads what to run.
func (c Client) Spec(ctx context.Context) (*initspec.Spec, error) {
	spec, _, err := c.Orders(ctx)
	return spec, err
}

// Orders reads what to run, and its digest. Errors name cause and remedy, for people.
func (c Client) Orders(ctx context.Context) (*initspec.Spec, string, error) {
	a, err := c.persist(ctx, "GET", "/1.0/config/"+initspec.Key, "")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", fmt.Errorf("reading the spec: %s is missing: the instance needs security.guestapi=true", c.Socket)
	case err != nil:
		return nil, "", fmt.Errorf("reading the spec through the guest API: %w: is Incus running?", err)
	case a.status == 404:
		return nil, "", fmt.Errorf("reading the spec: the instance has no %s: create it again with icc", initspec.Key)
	case a.status == 403:
		return nil, "", errors.New("reading the spec: the guest API refuses it: the instance needs security.guestapi=true")
	case a.status != 200:
		return nil, "", fmt.Errorf("reading the spec: the guest API answers %d: %s", a.status, strings.TrimSpace(string(a.body)))
	}
	spec, err := parse(a.body)
	return spec, initspec.Digest(a.body), err
}

func parse(body []byte) (*initspec.Spec, error) {
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(body, &version); err != nil {
		return nil, fmt.Errorf("reading the spec: %s is not valid (%w)", initspec.Key, err)
	}
	if version.Version != initspec.Version {
		return nil, fmt.Errorf("reading the spec: %s has version %d, this icc-init reads %d",
			initspec.Key, version.Version, initspec.Version)
	}
	spec := &initspec.Spec{}
	if err := json.Unmarshal(body, spec); err != nil {
		return nil, fmt.Errorf("reading the spec: %s is not valid (%w)", initspec.Key, err)
	}
	if len(spec.Argv) == 0 || spec.Argv[0] == "" {
		return nil, errors.New("no command specified: neither the image nor the service has one")
	}
	return spec, nil
}

// SetState makes the instance Ready, or just Started.
func (c Client) SetState(ctx context.Context, ready bool) error {
	body := `{"state":"Started"}`
	if ready {
		body = `{"state":"Ready"}`
	}
	a, err := c.persist(ctx, "PATCH", "/1.0", body)
	if err != nil {
		return fmt.Errorf("reporting the state: %w", err)
	}
	if a.status != 200 {
		return fmt.Errorf("reporting the state: the guest API answers %d: %s", a.status, strings.TrimSpace(string(a.body)))
	}
	return nil
}

// persist repeats what fails or finds the server unable, until the patience ends. Refusals are answers.
func (c Client) persist(ctx context.Context, method, path, body string) (answer, error) {
	end := time.Now().Add(c.Patience)
	for {
		a, err := c.exchange(ctx, method, path, body)
		if (err == nil && a.status < 500) || ctx.Err() != nil || time.Now().After(end) {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-time.After(pause):
		}
	}
}
