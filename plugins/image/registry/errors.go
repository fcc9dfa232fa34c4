package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk/resource"
)

// unreachable marks errors of registries that gave no answer at all. The server may still reach them.
type unreachable struct{ error }

// Unwrap returns the wrapped error.
func (u unreachable) Unwrap() error { return u.error }

// IsUnreachable says whether err means that the registry gave no answer, so that nothing is known about the image.
func IsUnreachable(err error) bool {
	var u unreachable
	return errors.As(err, &u)
}

// Explain says what an error of the registry means for the user and what can be done.
func (c *Client) Explain(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if certificate := c.count.distrusted.Load(); certificate != nil {
		return unreachable{c.noAnswer(certificate)}
	}
	var answer *transport.Error
	if errors.As(err, &answer) {
		return c.answered(answer)
	}
	if strings.Contains(err.Error(), "does not match") || strings.Contains(err.Error(), "error verifying") {
		return resource.ErrImageSource.
			WithText(fmt.Sprintf("%s: registry %s sent something else than its digest says", c.ref.Name, c.ref.Registry)).
			WithHint("do not use this image; check the digest and who runs the registry").Wrap(err)
	}
	return unreachable{c.noAnswer(err)}
}

func (c *Client) answered(err *transport.Error) error {
	switch err.StatusCode {
	case http.StatusNotFound: // which says it all
		return resource.ErrNotFound.
			WithText(fmt.Sprintf("registry %s has no image %s", c.ref.Registry, c.short())).
			WithHint("check the name and the tag; an image of your own needs a `build` section")
	case http.StatusUnauthorized, http.StatusForbidden:
		return resource.ErrPermission.
			WithText(fmt.Sprintf("registry %s does not give out %s", c.ref.Registry, c.short())).
			WithHint(fmt.Sprintf("check the name, or log in with `podman login %[1]s` or `docker login %[1]s`", c.loginHost())).
			Wrap(errors.Join(err, c.helper))
	case http.StatusTooManyRequests:
		return resource.ErrImageSource.
			WithText(fmt.Sprintf("registry %s refuses %s: too many requests", c.ref.Registry, c.short())).
			WithHint(fmt.Sprintf("wait, or log in with `podman login %s` for a higher limit", c.loginHost())).Wrap(err)
	}
	failed := resource.ErrImageSource.
		WithText(fmt.Sprintf("registry %s failed for %s", c.ref.Registry, c.short())).
		WithHint("try again later").Wrap(err)
	if err.StatusCode >= http.StatusInternalServerError {
		return unreachable{failed}
	}
	return failed
}

func (c *Client) noAnswer(err error) error {
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return resource.ErrImageSource.
			WithText(fmt.Sprintf("registry %s has a certificate that this machine does not trust", c.ref.Host())).
			WithHint(fmt.Sprintf("put its CA into /etc/containers/certs.d/%s/ca.crt or the system's certificates; see docs/images.md", c.ref.Host())).
			Wrap(err)
	}
	return resource.ErrImageSource.
		WithText(fmt.Sprintf("registry %s (%s) cannot be reached", c.ref.Registry, c.ref.Host())).
		WithHint("check the network and the registry's name; images that the server has already need no registry").Wrap(err)
}

func badLogin(ref reference.Reference, err error) error {
	return resource.ErrPermission.
		WithText(fmt.Sprintf("reading the login for registry %s", ref.Registry)).
		WithHint("check ~/.docker/config.json or ${XDG_RUNTIME_DIR}/containers/auth.json").Wrap(err)
}

// loginHost is what to log in to: the registry, or what stands in for it.
func (c *Client) loginHost() string {
	if host := c.ref.Host(); host != name.DefaultRegistry {
		return host
	}
	return c.ref.Registry
}

// short is the image's name without its registry.
func (c *Client) short() string { return strings.TrimPrefix(c.ref.Name, c.ref.Registry+"/") }
