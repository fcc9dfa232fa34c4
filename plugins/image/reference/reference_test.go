package reference_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

const digest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

func remotes() map[string]sdk.ImageRemote {
	return map[string]sdk.ImageRemote{
		"docker.io": {Address: "https://127.0.0.1:5000", Protocol: "oci", Certificate: "PEM"},
		"mirror":    {Address: "https://me:secret@mirror.lan", Protocol: "oci"},
		"company":   {Address: "https://images.lan", Protocol: "simplestreams"},
		"here":      {Address: "unix:///run/incus.socket", Protocol: "incus"},
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	oci := func(full, registry, repository, tag, digest, address string) reference.Reference {
		return reference.Reference{
			Source: reference.OCI, Name: full, Registry: registry, Repository: repository, Tag: tag, Digest: digest,
			Remote: sdk.ImageRemote{Address: address, Protocol: "oci"},
		}
	}
	hub := remotes()["docker.io"]
	tests := []struct {
		name, ref string
		want      reference.Reference
	}{
		{"a short name is Docker Hub's library at latest", "redis", reference.Reference{
			Source: reference.OCI, Name: "docker.io/library/redis:latest", Registry: "docker.io",
			Repository: "library/redis", Tag: "latest", Remote: hub,
		}},
		{"a name with a user is Docker Hub's", "me/app:2", reference.Reference{
			Source: reference.OCI, Name: "docker.io/me/app:2", Registry: "docker.io", Repository: "me/app", Tag: "2", Remote: hub,
		}},
		{"Docker Hub's other names are the same registry", "index.docker.io/library/redis:8", reference.Reference{
			Source: reference.OCI, Name: "docker.io/library/redis:8", Registry: "docker.io",
			Repository: "library/redis", Tag: "8", Remote: hub,
		}},
		{"any registry needs no configuration", "ghcr.io/org/app:1.2",
			oci("ghcr.io/org/app:1.2", "ghcr.io", "org/app", "1.2", "", "https://ghcr.io")},
		{"a registry may have a port", "reg.lan:5000/app",
			oci("reg.lan:5000/app:latest", "reg.lan:5000", "app", "latest", "", "https://reg.lan:5000")},
		{"a digest pins the image", "ghcr.io/org/app@" + digest,
			oci("ghcr.io/org/app@"+digest, "ghcr.io", "org/app", "latest", digest, "https://ghcr.io")},
		{"a digest wins over a tag", "ghcr.io/org/app:1@" + digest,
			oci("ghcr.io/org/app@"+digest, "ghcr.io", "org/app", "1", digest, "https://ghcr.io")},
		{"an oci remote is a prefix, too", "mirror:app:2",
			oci("mirror/app:2", "mirror", "app", "2", "", "https://me:secret@mirror.lan")},
		{"images is known without configuration", "images:debian/13", reference.Reference{
			Source: reference.Native, Name: "images:debian/13", Image: "debian/13",
			Remote: sdk.ImageRemote{Address: "https://images.linuxcontainers.org", Protocol: "simplestreams"},
		}},
		{"a configured remote serves native images", "company:base", reference.Reference{
			Source: reference.Native, Name: "company:base", Image: "base", Remote: remotes()["company"],
		}},
		{"the server's own images have a prefix", "local:mine",
			reference.Reference{Source: reference.Local, Name: "mine", Image: "mine"}},
		{"a remote on a socket is the server itself", "here:mine",
			reference.Reference{Source: reference.Local, Name: "mine", Image: "mine"}},
		{"localhost names builds", "localhost/shop-web", reference.Reference{
			Source: reference.Local, Name: "localhost/shop-web:latest", Registry: "localhost", Repository: "shop-web", Tag: "latest",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := reference.Parse(test.ref, remotes())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", test.ref, diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, ref := range []string{"", "Redis", "redis:8:9", "redis@sha256:12", "a b", "redis:", "ghcr.io/", "@" + digest} {
		_, err := reference.Parse(ref, remotes())
		if !errors.Is(err, resource.ErrInvalidFormat) || resource.Hint(err) == "" {
			t.Errorf("Parse(%q) = %v, want ErrInvalidFormat with a hint", ref, err)
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"redis:8":             "127.0.0.1:5000/library/redis:8",
		"redis:8@" + digest:   "127.0.0.1:5000/library/redis@" + digest,
		"mirror:app":          "mirror.lan/app:latest",
		"quay.io/org/app:1":   "quay.io/org/app:1",
		"localhost:5000/a/b":  "localhost:5000/a/b:latest",
		"registry.lan/a/b:x1": "registry.lan/a/b:x1",
	} {
		parsed, err := reference.Parse(ref, remotes())
		if err != nil {
			t.Fatal(err)
		}
		named, err := parsed.Named()
		if err != nil {
			t.Fatal(err)
		}
		if named.Name() != want {
			t.Errorf("Parse(%q).Named() = %s, want %s", ref, named.Name(), want)
		}
	}
}
