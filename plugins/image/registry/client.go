package registry

import (
	"context"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/icc-project/icc/plugins/image/reference"
)

// Client reads one image from its registry, or writes it there. It is not for concurrent use.
type Client struct {
	ref   reference.Reference
	named name.Reference
	auth  authn.Authenticator
	// helper is why a credential helper could not be asked.
	helper error
	count  *counter
	opts   []remote.Option
	// picked is the answer for a platform: registries count questions for a manifest against a user's limit.
	picked map[Platform]*v1.Descriptor
}

// New returns a client for ref. Logins come from the remote's address or from the files that `docker login` and
// `podman login` write; certificates from the remote, SSL_CERT_FILE, the system, or podman's and docker's folders.
func New(ctx context.Context, ref reference.Reference) (*Client, error) {
	named, err := ref.Named()
	if err != nil {
		return nil, err
	}
	auth, helper, err := login(ref)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(ref)
	if err != nil {
		return nil, err
	}
	// A registry that nobody configured may speak plain HTTP on this machine, as with Docker.
	configured := ref.Remote.Address != "https://"+ref.Registry
	count := &counter{
		next:      transport,
		encrypted: configured && strings.HasPrefix(ref.Remote.Address, "https://"),
	}
	return &Client{ref: ref, named: named, auth: auth, helper: helper, count: count, picked: map[Platform]*v1.Descriptor{}, opts: []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuth(auth),
		remote.WithTransport(count),
		remote.WithUserAgent("icc"),
		remote.WithRetryBackoff(remote.Backoff{Duration: 200 * time.Millisecond, Factor: 3, Jitter: 0.1, Steps: 2}),
	}}, nil
}

// Private says that the registry gets a login. Such images are not left to the server to fetch, because it would
// need the login, too, and shows it to everyone who may see the image.
func (c *Client) Private() bool { return c.auth != authn.Anonymous }

// Digest returns the digest of the manifest that the reference means for the platform.
func (c *Client) Digest(p Platform) (string, error) {
	desc, err := c.pick(p)
	if err != nil {
		return "", err
	}
	return desc.Digest.String(), nil
}

// Image returns the image for the platform. Its layers are fetched when they are read.
func (c *Client) Image(p Platform) (v1.Image, string, error) {
	desc, err := c.pick(p)
	if err != nil {
		return nil, "", err
	}
	img, err := remote.Image(c.named.Context().Digest(desc.Digest.String()), c.opts...)
	if err != nil {
		return nil, "", c.Explain(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, "", c.Explain(err)
	}
	if config.Architecture != "" && !p.Runs(config.OS, config.Architecture, config.Variant) {
		return nil, "", noPlatform(c.ref, p, []string{config.OS + "/" + config.Architecture})
	}
	return img, desc.Digest.String(), nil
}

// Received returns the number of bytes that came from the registry so far.
func (c *Client) Received() int64 { return c.count.received.Load() }

// pick returns the descriptor of the manifest for the platform, and asks for it once.
func (c *Client) pick(p Platform) (*v1.Descriptor, error) {
	if desc := c.picked[p]; desc != nil {
		return desc, nil
	}
	desc, err := c.find(p)
	if err == nil {
		c.picked[p] = desc
	}
	return desc, err
}

// find asks the registry for the descriptor of the manifest for the platform, looking into indexes.
func (c *Client) find(p Platform) (*v1.Descriptor, error) {
	got, err := remote.Get(c.named, c.opts...)
	if err != nil {
		return nil, c.Explain(err)
	}
	if !got.MediaType.IsIndex() {
		return &got.Descriptor, nil
	}
	index, err := got.ImageIndex()
	if err != nil {
		return nil, c.Explain(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, c.Explain(err)
	}
	desc, available := p.pick(manifest.Manifests)
	if desc == nil {
		return nil, noPlatform(c.ref, p, available)
	}
	return desc, nil
}
