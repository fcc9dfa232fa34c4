package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// The variables that docker compose reads, from the environment or from .env.
const (
	removeOrphansVariable = "COMPOSE_REMOVE_ORPHANS"
	ignoreOrphansVariable = "COMPOSE_IGNORE_ORPHANS"
)

func removeOrphansFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: "remove-orphans", EnvVars: []string{removeOrphansVariable},
		Usage: "remove instances of services that the compose file does not have",
	}
}

// removesOrphans says whether instances of services that the compose file does not have go.
func (s *session) removesOrphans() (bool, error) {
	removes := s.cli.Bool("remove-orphans") || s.project.isSet(removeOrphansVariable)
	if removes && s.project.isSet(ignoreOrphansVariable) {
		return false, &usageError{command: s.cli.Command.Name, text: ignoreOrphansVariable + " and --remove-orphans exclude each other",
			hint: "leave out --remove-orphans and " + removeOrphansVariable + ", or unset " + ignoreOrphansVariable}
	}
	return removes, nil
}

// isSet says whether a variable of the project's environment is a yes.
func (p *project) isSet(variable string) bool {
	if p.compose == nil || p.compose.Project == nil {
		return false
	}
	yes, err := strconv.ParseBool(p.compose.Environment[variable])
	return err == nil && yes
}

func (s *session) warnOrphans(p *engine.Plan) {
	if len(p.Orphans) == 0 || s.project.isSet(ignoreOrphansVariable) {
		return
	}
	var names []string
	for _, o := range p.Orphans {
		names = append(names, o.IncusName)
	}
	slices.Sort(names)
	s.note([]resource.Diagnostic{{
		Severity: resource.SeverityWarning,
		Text:     "the compose file has no services for these instances: " + strings.Join(names, ", "),
		Hint:     "remove them with --remove-orphans",
	}})
}
