package compose

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/resource"
)

// Project is a loaded Compose project: compose-go's model and where it came from.
type Project struct {
	*types.Project
	// Files are the absolute paths of the compose files, in the order in which they were merged; "-" is the standard
	// input. Included files are not among them.
	Files []string
	// Warnings are what the loading of the files found worth saying.
	Warnings []resource.Diagnostic

	// model is the merged document that Project was made from.
	model map[string]any
	index *index
}

// Locate returns where in the compose files an attribute is set, or the nearest thing around it.
func (p *Project) Locate(path string) resource.Position { return p.index.locate(path) }

// serviceNames returns the names of the enabled services, sorted.
func (p *Project) serviceNames() []string {
	names := make([]string, 0, len(p.Services))
	for name := range p.Services {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
