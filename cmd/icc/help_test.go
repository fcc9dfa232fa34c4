package main

import (
	"testing"

	"github.com/urfave/cli/v2"
)

func TestFlagsAreDescribedOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		flag cli.Flag
		want string
	}{
		{&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "return at once"}, "-d, --detach\treturn at once"},
		{&cli.IntFlag{Name: "parallel", Usage: "run `N` at once", EnvVars: []string{"LIMIT"}}, "    --parallel N\trun N at once [$LIMIT]"},
		{&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "compose `FILE`"}, "-f, --file FILE\tcompose FILE"},
		{&cli.StringFlag{Name: "format", Usage: "print as `FORMAT`", Value: "table"}, "    --format FORMAT\tprint as FORMAT (default: table)"},
		{&cli.StringFlag{Name: "rmi", Usage: "remove images"}, "    --rmi VALUE\tremove images"},
	} {
		if got := flagText(tt.flag); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
