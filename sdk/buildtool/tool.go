package buildtool

import (
	"context"

	"github.com/icc-project/icc/sdk/kinds"
)

// Tool is what is known of a tool wherever it runs.
type Tool struct {
	// Name is the program's; the plugin is called "builder-" and this.
	Name string
	// Score orders the available builders; the highest wins.
	Score int
	// Install says how to get it, for hints: "Debian: `apt install podman`".
	Install string
	// Unsupported names the attributes of Compose's build section that it never honours, sorted.
	Unsupported []string
	// Refuse finds values of other attributes that it cannot honour; nil accepts all. Cannot makes the error.
	Refuse func(kinds.BuildConfig) error
	// Inspect asks the tool about itself. Its error's text is the reason why the builder is not available.
	Inspect func(ctx context.Context) (Engine, error)
}

// Engine is a tool as it was found on this host.
type Engine interface {
	About() About
	// Build builds what the job asks for, under the job's name, and returns the image's id.
	Build(ctx context.Context, job *Job) (id string, err error)
	// Save returns the arguments with which the tool writes an image to an archive.
	Save(id, file string) []string
	// Clean removes what a build left outside the job's directory. It has to bear that there is nothing.
	Clean(ctx context.Context, job *Job)
}

// Checker is an Engine that finds values of attributes which it cannot honour here. Cannot makes the error.
type Checker interface {
	Check(ctx context.Context, c kinds.BuildConfig) error
}

// About is what an engine says of itself.
type About struct {
	// Version is not empty.
	Version string
	// Platforms are those that it builds for, its own first.
	Platforms []string
	// Unsupported names attributes that it does not honour here, besides those of the Tool, and why.
	Unsupported map[string]string
}

// Platform is the engine's own.
func (a About) Platform() string { return a.Platforms[0] }
