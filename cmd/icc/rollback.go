package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func rollbackCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "rollback",
		Usage:     "Bring a service back to the image and configuration that it had before",
		ArgsUsage: "SERVICE...",
		Description: "Each instance remembers what it was before the latest `icc up` that restarted it or made it anew. The instances go\n" +
			"back one after the other, as deploy.rollback_config says. The compose file stays as it is: the next `icc up`\n" +
			"brings what it says.",
		Flags:  []cli.Flag{timeoutFlag(), dryRunFlag()},
		Action: rollback,
	})
}

func rollback(c *cli.Context) error {
	if !c.Args().Present() {
		return &usageError{command: "rollback", text: "rollback needs the name of a service"}
	}
	s, err := openServices(c, usualKinds)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.pursue(c.Context, s.planRollback)
}

// planRollback plans the way back of the services on the command line.
func (s *session) planRollback(ctx ctx) (*engine.Plan, error) {
	opts := stopOptions(s.cli)
	m, o, err := s.survey(ctx, opts)
	if err != nil {
		return nil, err
	}
	all, err := instancesOf(o)
	if err != nil {
		return nil, err
	}
	list, err := ofServices(all, s.cli.Args().Slice())
	if err != nil {
		return nil, err
	}
	var rollouts []engine.Rollout
	for _, i := range list {
		n := slices.IndexFunc(rollouts, func(r engine.Rollout) bool { return r.Service == i.Service })
		if n < 0 {
			n, rollouts = len(rollouts), append(rollouts, engine.Rollout{Service: i.Service, Rollback: s.project.rollbackPolicy(i.Service)})
		}
		rollouts[n].Replicas = append(rollouts[n].Replicas, i.Ref)
		if i.Previous != "" && versionOf(i) == latestOf(list, i.Service) {
			rollouts[n].Back = append(rollouts[n].Back, i.Ref)
		}
	}
	for _, r := range rollouts {
		if len(r.Back) == 0 {
			return nil, nothingBefore(r.Service)
		}
	}
	s.note(newcomers(list))
	return engine.Rollback(m, o, rollouts, opts), nil
}

// versionOf is the version of the service for which the instance left what it was.
func versionOf(i instance) string {
	_, version, _ := strings.Cut(i.PreviousBy, " ")
	return version
}

// latestOf is the version that the latest change of the service was for: what an update that stopped half-way has not
// reached is what the others go back to.
func latestOf(list []instance, service string) string {
	var latest instance
	for _, i := range list {
		if i.Service == service && i.PreviousBy > latest.PreviousBy {
			latest = i
		}
	}
	return versionOf(latest)
}

// rollbackPolicy is what the compose files say, if there are any.
func (p *project) rollbackPolicy(service string) resource.UpdatePolicy {
	if p.compose == nil {
		return resource.DefaultUpdatePolicy()
	}
	return p.compose.RollbackPolicy(service)
}

func nothingBefore(service string) error {
	return resource.ErrConflict.WithText("service " + service + " has nothing to go back to").
		WithHint("instances remember what they were before the latest `icc up` that restarted them or made them anew, until they have gone back")
}

// newcomers tells which of the instances stay as they are, because they have been nothing else before.
func newcomers(list []instance) []resource.Diagnostic {
	var names []string
	for _, i := range list {
		if i.Previous == "" {
			names = append(names, cmp.Or(i.name(), i.Ref.Name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []resource.Diagnostic{{
		Severity: resource.SeverityWarning, Text: "these have nothing to go back to and stay as they are: " + strings.Join(names, ", "),
	}}
}
