package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// image is what the server has under an alias.
type image struct {
	exists bool
	alias  string
	api.Image
	record record.Alias
	// ours is false for aliases that somebody else made.
	ours bool
}

var _ sdk.Looker = (*provider)(nil)

// Look implements sdk.Looker: the images as the server lists them. A project of our own that does not exist yet will
// share the images of the project "default".
func (p *provider) Look(ctx context.Context, _ resource.Kind) (json.RawMessage, error) {
	const path = "/1.0/images"
	s := p.Settings()
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	raw, err := incus.Listing(server, path, nil)
	if incus.IsProjectMissing(err) && s.ProjectOwned {
		raw, err = incus.Listing(server.UseProject(api.ProjectDefaultName), path, nil)
		if incus.IsForbidden(err) {
			return nil, nil
		}
	}
	if raw, err = incus.Listed(raw, err); err != nil {
		return nil, fmt.Errorf("listing images: %w", err)
	}
	return raw, nil
}

// images returns the listing of an earlier Look, or makes one.
func (p *provider) images(ctx context.Context, snapshot json.RawMessage) ([]api.Image, error) {
	if len(snapshot) == 0 {
		var err error
		if snapshot, err = p.Look(ctx, resource.KindImage); err != nil {
			return nil, err
		}
	}
	return incus.ParseListing[api.Image](snapshot)
}

// byAlias arranges images by the aliases they have.
func byAlias(list []api.Image) map[string]image {
	out := make(map[string]image, len(list))
	for _, img := range list {
		for _, alias := range img.Aliases {
			out[alias.Name] = newImage(alias.Name, alias.Description, img)
		}
	}
	return out
}

func newImage(alias, description string, img api.Image) image {
	rec, ours := record.ParseAlias(description)
	return image{exists: true, alias: alias, Image: img, record: rec, ours: ours}
}

// lookup asks the server for one alias and its image.
func lookup(server client.InstanceServer, alias string) (image, error) {
	entry, _, err := server.GetImageAlias(alias)
	if incus.IsNotFound(err) {
		return image{alias: alias}, nil
	}
	if err != nil {
		return image{}, fmt.Errorf("looking for image %q: %w", alias, incus.MapError(err))
	}
	img, _, err := server.GetImage(entry.Target)
	if incus.IsNotFound(err) {
		return image{alias: alias}, nil // removed between the two questions, and its alias with it
	}
	if err != nil {
		return image{}, fmt.Errorf("reading image %q: %w", alias, incus.MapError(err))
	}
	return newImage(alias, entry.Description, *img), nil
}

// config returns the configuration of the image's digest, or nil when it is not known.
func (i image) config() *record.Config { return record.ConfigOf(i.Properties, i.record.Digest) }

// oci says whether the image holds an application instead of an operating system.
func (i image) oci() bool { return i.Properties["type"] == "oci" }

// outputs returns what instances and volumes need to know.
func (i image) outputs(ref reference.Reference) kinds.ImageOutputs {
	out := kinds.ImageOutputs{
		Fingerprint:  i.Fingerprint,
		Digest:       i.record.Digest,
		Reference:    i.alias,
		Native:       !i.oci(),
		Type:         i.Type,
		Architecture: i.Architecture,
		Size:         i.Size,
		CreatedAt:    i.CreatedAt,
	}
	if c := i.config(); c != nil {
		out.Process = c.Process
		if !c.CreatedAt.IsZero() {
			out.CreatedAt = c.CreatedAt
		}
	}
	if ref.Source == reference.OCI || ref.Source == reference.Local {
		out.Reference = ref.Name
	}
	return out
}

// aliasesWith counts the image's aliases other than this one that have its digest.
func (i image) aliasesWith(digest string) int {
	n := 0
	for _, a := range i.Aliases {
		if rec, ours := record.ParseAlias(a.Description); a.Name != i.alias && ours && rec.Digest == digest {
			n++
		}
	}
	return n
}

// alone says whether the image has no alias but this one.
func (i image) alone() bool {
	return !slices.ContainsFunc(i.Aliases, func(a api.ImageAlias) bool { return a.Name != i.alias })
}
