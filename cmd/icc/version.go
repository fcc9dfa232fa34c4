package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk"
)

func versionCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "version",
		Usage: "Print icc's version",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "short", Usage: "print the number only"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Usage: "print as `FORMAT`: pretty or json", Value: "pretty"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			switch {
			case c.Bool("short"):
				fmt.Fprintln(c.App.Writer, sdk.Version)
			case c.String("format") == "json":
				return json.NewEncoder(c.App.Writer).Encode(map[string]any{"version": sdk.Version, "protocol": sdk.Protocol})
			case c.String("format") == "pretty":
				fmt.Fprintf(c.App.Writer, "icc version %s (plugin protocol %d, %s, %s/%s)\n", sdk.Version, sdk.Protocol, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			default:
				return &usageError{command: "version", text: "--format takes pretty or json"}
			}
			return nil
		},
	})
}
