package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func imagesCommand() *cli.Command {
	c := command(&cli.Command{
		Name:      "images",
		Usage:     "List the images that the project's instances were made from",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print image IDs only"},
			formatFlag(),
		},
		Action: images,
	})
	c.Subcommands = []*cli.Command{imagesPruneCommand()}
	return c
}

// imageRow is docker compose's JSON form of an instance's image, with its field names.
type imageRow struct {
	ID            string    `json:"ID"`
	ContainerName string    `json:"ContainerName"`
	Repository    string    `json:"Repository"`
	Tag           string    `json:"Tag"`
	Platform      string    `json:"Platform"`
	Size          int64     `json:"Size"` // bytes, compressed as on the server
	Created       time.Time `json:"Created,omitzero"`
	// LastTagTime is when the image's source was last asked.
	LastTagTime time.Time `json:"LastTagTime,omitzero"`
	// Fingerprint is Incus' name for the image; Digest that of its manifest.
	Fingerprint string `json:"Fingerprint"`
	Digest      string `json:"Digest,omitempty"`
}

func images(c *cli.Context) error {
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance, resource.KindImage})
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.imageUsers(c.Context)
	if err != nil {
		return err
	}
	cached, err := callImages[[]kinds.CachedImage](c.Context, s, kinds.CallCache, kinds.CacheRequest{})
	if err != nil {
		return err
	}
	rows := imageRows(list, cached, s.project.name)
	switch {
	case c.Bool("quiet"):
		printImageIDs(c.App.Writer, rows)
	case format == "json":
		return json.NewEncoder(c.App.Writer).Encode(rows)
	default:
		t := view.NewTable("CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED")
		for _, r := range rows {
			t.Row(r.ContainerName, r.Repository, r.Tag, r.Platform, shortID(r.ID), units.HumanSizeWithPrecision(float64(r.Size), 3), ago(r.Created))
		}
		t.Print(c.App.Writer)
	}
	return nil
}

// imageUsers returns the instances of the command line's services, whatever their state. A service of the compose file
// without instances is no error here.
func (s *session) imageUsers(ctx context.Context) ([]instance, error) {
	services := s.cli.Args().Slice()
	all, err := s.instances(ctx)
	if err != nil || len(services) == 0 {
		return all, err
	}
	return slices.DeleteFunc(all, func(i instance) bool { return !slices.Contains(services, i.Service) }), s.known(all, services)
}

// callImages asks the image plugin for something that concerns no single image.
func callImages[Out any](ctx context.Context, s *session, verb string, request any) (out Out, err error) {
	raw, err := json.Marshal(request)
	if err != nil {
		return out, err
	}
	raw, err = s.engine.Call(ctx, resource.State{Ref: resource.Ref{Kind: resource.KindImage}}, verb, raw)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return out, fmt.Errorf("reading what the image plugin says: %w", err)
	}
	return out, nil
}

// imageRows returns a row for each instance, in their order. An image that is gone from the server has no size.
func imageRows(list []instance, cached []kinds.CachedImage, project string) []imageRow {
	rows := []imageRow{}
	for _, i := range list {
		row := imageRow{ContainerName: i.name()}
		row.Repository, row.Tag = splitReference(i.Image)
		for _, img := range cached {
			at := slices.IndexFunc(img.Users, func(u kinds.ImageUser) bool {
				return !u.Previous && u.Instance == i.name() && u.Project == project
			})
			if at >= 0 {
				row.describe(img, img.Users[at])
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (r *imageRow) describe(img kinds.CachedImage, user kinds.ImageUser) {
	r.Repository, r.Tag = splitReference(user.Reference)
	r.Fingerprint, r.Digest, r.Size, r.Created = img.Fingerprint, user.Digest, img.Size, img.CreatedAt
	r.ID, r.Platform = "sha256:"+img.Fingerprint, platformOf(img.Architecture)
	if user.Digest != "" {
		r.ID = user.Digest
	}
	for _, name := range img.Names {
		if name.Digest == user.Digest {
			r.Created, r.LastTagTime = name.CreatedAt, name.Pulled
		}
	}
}

// splitReference splits a reference as docker shows it: without Docker Hub's name.
func splitReference(reference string) (repository, tag string) {
	repository, tag = reference, "<none>"
	if before, _, pinned := strings.Cut(reference, "@"); pinned {
		repository = before
	} else if at := strings.LastIndex(reference, ":"); at > strings.LastIndex(reference, "/") {
		repository, tag = reference[:at], reference[at+1:]
	}
	return strings.TrimPrefix(strings.TrimPrefix(repository, "docker.io/"), "library/"), tag
}

// platformOf puts Incus' name of an architecture into OCI's words.
func platformOf(architecture string) string {
	names := map[string]string{
		"x86_64": "amd64", "i686": "386", "aarch64": "arm64", "armv8l": "arm/v8", "armv7l": "arm/v7", "armv6l": "arm/v6",
		"loongarch64": "loong64", "riscv32": "riscv",
	}
	if name, ok := names[architecture]; ok {
		architecture = name
	}
	return "linux/" + architecture
}

// shortID is an image's ID as people see it.
func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	return id[:min(12, len(id))]
}

func printImageIDs(w io.Writer, rows []imageRow) {
	var ids []string
	for _, r := range rows {
		if id := shortID(r.ID); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
			fmt.Fprintln(w, id)
		}
	}
}
