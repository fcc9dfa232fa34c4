package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/icc-project/icc/sdk"
)

// describer is what sdk.Provider and sdk.Builder have in common here.
type describer interface {
	Describe(ctx context.Context) (*sdk.Description, error)
}

// byHand answers a person who starts the plugin without icc, and returns the exit code.
func byHand(impl any, args []string, stdout, stderr io.Writer) int {
	d, ok := impl.(describer)
	if !ok {
		fmt.Fprintf(stderr, "%T is neither an sdk.Provider nor an sdk.Builder: this plugin is broken\n", impl)
		return 1
	}
	description, err := d.Describe(context.Background())
	if err != nil {
		fmt.Fprintf(stderr, "describing the plugin: %v\n", err)
		return 1
	}
	switch {
	case len(args) == 1 && args[0] == "describe":
		return describe(description, stdout, stderr)
	case len(args) == 1 && (args[0] == "version" || args[0] == "--version"):
		fmt.Fprintf(stdout, "icc-plugin-%s %s, protocol %d\n", description.Name, description.Version, sdk.Protocol)
		return 0
	}
	fmt.Fprintf(stderr, "icc-plugin-%s %s: %s\n", description.Name, description.Version, description.Summary)
	fmt.Fprintf(stderr, "This is a plugin, started by icc; try `describe` or `version`.\n")
	return 1
}

func describe(d *sdk.Description, stdout, stderr io.Writer) int {
	enc := json.NewEncoder(stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		fmt.Fprintf(stderr, "writing the description: %v\n", err)
		return 1
	}
	return 0
}
