package reference

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Source says where an image comes from.
type Source string

// The sources of images.
const (
	// OCI images are pulled from a registry.
	OCI Source = "oci"
	// Native images come from a simplestreams or Incus server and have an init of their own.
	Native Source = "native"
	// Local images are aliases that the server already has: "local:alias", and "localhost/…" without a build section.
	Local Source = "local"
)

// Reference is an image's name, read.
type Reference struct {
	Source Source
	// Name is the complete reference, with registry and tag or digest.
	Name string
	// Registry is the host as the reference has it, "docker.io" when it has none. Only for OCI images.
	Registry string
	// Repository is the path on the registry, "library/redis". Only for OCI images.
	Repository string
	// Tag and Digest name the image in the repository; Digest wins. Only for OCI images.
	Tag, Digest string
	// Image is the image's name on its server. Only for native images.
	Image string
	// Remote is where to ask: the user's remote of that name, or the registry itself.
	Remote sdk.ImageRemote
}

const (
	dockerHub = "docker.io"
	localHost = "localhost"
)

// wellKnown are the remotes that need no configuration.
func wellKnown(remote string) (sdk.ImageRemote, bool) {
	if remote == "images" {
		return sdk.ImageRemote{Address: "https://images.linuxcontainers.org", Protocol: "simplestreams"}, true
	}
	return sdk.ImageRemote{}, false
}

// Parse reads a reference. Remotes are the user's image sources by name: "NAME:image" asks the remote NAME, and a
// remote that is called like a registry's host stands in for that registry.
func Parse(ref string, remotes map[string]sdk.ImageRemote) (Reference, error) {
	if remote, image, ok := remoteOf(ref, remotes); ok {
		return remote.resolve(ref, image)
	}
	return parseOCI(ref, remotes)
}

type namedRemote struct {
	name string
	sdk.ImageRemote
}

// remoteOf splits "NAME:image" when NAME is a remote. A tag looks the same, so a name counts only when it is known.
func remoteOf(ref string, remotes map[string]sdk.ImageRemote) (namedRemote, string, bool) {
	prefix, image, ok := strings.Cut(ref, ":")
	if !ok || image == "" || strings.ContainsAny(prefix, "/@") {
		return namedRemote{}, "", false
	}
	if remote, ok := remotes[prefix]; ok {
		return namedRemote{prefix, remote}, image, true
	}
	if remote, ok := wellKnown(prefix); ok {
		return namedRemote{prefix, remote}, image, true
	}
	if prefix == "local" {
		return namedRemote{prefix, sdk.ImageRemote{Protocol: "incus"}}, image, true
	}
	return namedRemote{}, "", false
}

func (r namedRemote) resolve(ref, image string) (Reference, error) {
	switch {
	case r.Protocol == "oci":
		// Under a host of its own, a name without a path does not become Docker Hub's "library/…".
		parsed, err := parseOCI("remote.invalid/"+image, nil)
		if err != nil {
			return Reference{}, badReference(ref, err)
		}
		parsed.Registry, parsed.Remote = r.name, r.ImageRemote
		parsed.Name = parsed.complete()
		return parsed, nil
	case !strings.HasPrefix(r.Address, "https://"): // the server itself
		return Reference{Source: Local, Name: image, Image: image}, nil
	}
	return Reference{Source: Native, Name: ref, Image: image, Remote: r.ImageRemote}, nil
}

func parseOCI(ref string, remotes map[string]sdk.ImageRemote) (Reference, error) {
	// Docker writes name:tag@digest; the digest decides, and the tag is a comment for people.
	bare, digest, pinned := strings.Cut(ref, "@")
	tagged, err := name.NewTag(bare, name.WithDefaultRegistry(dockerHub), name.WithDefaultTag("latest"))
	if err != nil {
		return Reference{}, badReference(ref, err)
	}
	r := Reference{
		Source:     OCI,
		Registry:   registryOf(tagged),
		Repository: tagged.RepositoryStr(),
		Tag:        tagged.TagStr(),
	}
	if pinned {
		if _, err := name.NewDigest("x@" + digest); err != nil {
			return Reference{}, badReference(ref, err)
		}
		r.Digest = digest
	}
	if r.Registry == dockerHub && !strings.Contains(r.Repository, "/") {
		r.Repository = "library/" + r.Repository
	}
	r.Name = r.complete()
	r.Remote = sdk.ImageRemote{Address: "https://" + r.Registry, Protocol: "oci"}
	if remote, ok := remotes[r.Registry]; ok && remote.Protocol == "oci" {
		r.Remote = remote
	}
	if r.Registry == localHost {
		r.Source, r.Remote = Local, sdk.ImageRemote{}
	}
	return r, nil
}

// registryOf returns the host of a reference. The library reads "localhost/app" as a repository of Docker Hub only
// when there is no slash, so the names builders use stay apart.
func registryOf(tag name.Tag) string {
	host := tag.RegistryStr()
	if host == name.DefaultRegistry {
		return dockerHub
	}
	return host
}

func (r Reference) complete() string {
	if r.Digest != "" {
		return r.Registry + "/" + r.Repository + "@" + r.Digest
	}
	return r.Registry + "/" + r.Repository + ":" + r.Tag
}

// Named returns the image's name on its registry, with the registry host the remote says.
func (r Reference) Named() (name.Reference, error) {
	host := r.Host()
	if host == "" {
		return nil, badReference(r.Name, fmt.Errorf("remote %q has no address", r.Registry))
	}
	opts := []name.Option{name.StrictValidation}
	if strings.HasPrefix(r.Remote.Address, "http://") {
		opts = append(opts, name.Insecure)
	}
	if r.Digest != "" {
		return name.NewDigest(host+"/"+r.Repository+"@"+r.Digest, opts...)
	}
	return name.NewTag(host+"/"+r.Repository+":"+r.Tag, opts...)
}

// Host is the registry's host and port as it is dialled.
func (r Reference) Host() string {
	u, err := url.Parse(r.Remote.Address)
	if err != nil {
		return ""
	}
	if u.Host == dockerHub {
		return name.DefaultRegistry
	}
	return u.Host
}

// User is the login that the remote's address carries, or nil.
func (r Reference) User() *url.Userinfo {
	u, err := url.Parse(r.Remote.Address)
	if err != nil {
		return nil
	}
	return u.User
}

func badReference(ref string, cause error) error {
	return resource.ErrInvalidFormat.
		WithText(fmt.Sprintf("%q is not an image reference", ref)).
		WithHint(`write it like "redis:8", "ghcr.io/org/app:1.2" or "images:debian/13"`).
		Wrap(cause)
}
