package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func formatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Usage: "print as `FORMAT`: table or json", Value: "table"}
}

// outputFormat returns the checked value of --format.
func outputFormat(c *cli.Context) (string, error) {
	switch f := c.String("format"); f {
	case "table", "json":
		return f, nil
	default:
		return "", &usageError{command: fullName(c), text: fmt.Sprintf("--format %q is not known; use table or json", f)}
	}
}
