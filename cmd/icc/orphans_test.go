package main

import (
	"errors"
	"flag"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
)

func TestOrphansGoAsTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		env          types.Mapping
		flag         string
		want, refuse bool
	}{
		"nothing is said":           {},
		"the flag":                  {flag: "true", want: true},
		"the variable":              {env: types.Mapping{removeOrphansVariable: "1"}, want: true},
		"a variable that says no":   {env: types.Mapping{removeOrphansVariable: "false"}},
		"ignoring them":             {env: types.Mapping{ignoreOrphansVariable: "true"}},
		"ignoring and removing":     {env: types.Mapping{ignoreOrphansVariable: "true"}, flag: "true", refuse: true},
		"two variables that differ": {env: types.Mapping{ignoreOrphansVariable: "1", removeOrphansVariable: "1"}, refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := flag.NewFlagSet("up", flag.ContinueOnError)
			flags.Bool("remove-orphans", tt.flag == "true", "")
			c := cli.NewContext(cli.NewApp(), flags, nil)
			c.Command = &cli.Command{Name: "up"}
			s := &session{cli: c, project: &project{compose: &compose.Project{Project: &types.Project{Environment: tt.env}}}}
			got, err := s.removesOrphans()
			var usage *usageError
			if got != tt.want || errors.As(err, &usage) != tt.refuse {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
