package registry

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/icc-project/icc/sdk/resource"
)

// Push writes an image under the reference and returns the digest of its manifest. What the registry has is not sent
// again; changed is false when it has all of it. progress hears how many of how many bytes are written.
func (c *Client) Push(img v1.Image, progress func(done, total int64)) (digest string, changed bool, err error) {
	hash, err := img.Digest()
	if err != nil {
		return "", false, fmt.Errorf("reading the image: %w", err)
	}
	if there, err := remote.Head(c.named, c.opts...); err == nil && there.Digest == hash {
		return hash.String(), false, nil
	}
	updates := make(chan v1.Update, 100)
	var wg sync.WaitGroup
	wg.Go(func() {
		for u := range updates {
			progress(u.Complete, u.Total)
		}
	})
	err = remote.Push(c.named, img, append(c.opts, remote.WithProgress(updates))...)
	wg.Wait()
	if err != nil {
		return "", false, c.explainPush(err)
	}
	return hash.String(), true, nil
}

func (c *Client) explainPush(err error) error {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return c.Explain(err)
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return resource.ErrPermission.
			WithText(fmt.Sprintf("registry %s does not take %s", c.ref.Registry, c.short())).
			WithHint(fmt.Sprintf("check the name, which usually begins with your account's, and log in with `podman login %[1]s` or `docker login %[1]s`",
				c.loginHost())).
			Wrap(errors.Join(err, c.helper))
	}
	return c.Explain(err)
}
