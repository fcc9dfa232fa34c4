package main

import (
	"encoding/json"
	"fmt"
	"io"

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

// printJSONLines prints each of the rows as a JSON object on a line of its own.
func printJSONLines[T any](w io.Writer, rows []T) error {
	enc := json.NewEncoder(w)
	for _, row := range rows {
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	return nil
}
