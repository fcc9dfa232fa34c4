package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// Docker's words for the states of a container.
const (
	stateCreated    = "created"
	stateRunning    = "running"
	statePaused     = "paused"
	stateRestarting = "restarting"
	stateExited     = "exited"
)

// dockerStates are the values of --status; instances are never removing or dead.
var dockerStates = [...]string{statePaused, stateRestarting, "removing", stateRunning, "dead", stateCreated, stateExited}

// dockerState is docker's word for how the instance is doing; Incus' own where docker has none.
func dockerState(i instance) string {
	switch i.State.Status {
	case resource.StatusRunning:
		switch {
		case i.Restarting:
			return stateRestarting
		case i.ended():
			return stateExited
		}
		return stateRunning
	case resource.StatusPaused:
		return statePaused
	case resource.StatusStopped:
		if i.StartedAt.IsZero() && i.FinishedAt.IsZero() && i.ExitCode == nil {
			return stateCreated
		}
		return stateExited
	}
	return i.State.Status
}

// ended reports whether the instance only runs until it has noticed that its process has ended for good.
func (i instance) ended() bool {
	return !i.Restarting && i.ExitCode != nil && i.FinishedAt.After(i.StartedAt)
}

// statusText is docker compose's STATUS column: "Up 5 minutes (healthy)", "Exited (137) 3 minutes ago".
func statusText(i instance) string {
	code := ""
	if i.ExitCode != nil {
		code = fmt.Sprintf(" (%d)", *i.ExitCode)
	}
	switch state := dockerState(i); state {
	case stateRunning, statePaused:
		text := "Up"
		if !i.StartedAt.IsZero() {
			text += " " + strings.TrimSuffix(ago(i.StartedAt), " ago")
		}
		if len(i.Pending) > 0 {
			return text + upDetail(i, state) + " (restart pending)"
		}
		return text + upDetail(i, state)
	case stateRestarting:
		return strings.TrimSpace("Restarting" + code + " " + ago(i.FinishedAt))
	case stateExited:
		return strings.TrimSpace("Exited"+code+" "+ago(i.FinishedAt)) + exitDetail(i)
	case stateCreated:
		return "Created"
	default:
		return state
	}
}

func upDetail(i instance, state string) string {
	switch {
	case state == statePaused:
		return " (Paused)"
	case i.Health == resource.HealthStarting:
		return " (health: starting)"
	case i.Health == resource.HealthHealthy, i.Health == resource.HealthUnhealthy:
		return " (" + i.Health + ")"
	}
	return ""
}

// exitDetail says what an exit code alone does not.
func exitDetail(i instance) string {
	switch i.ExitReason {
	case initspec.ReasonOOM:
		return ", out of memory"
	case initspec.ReasonStartFailed:
		return ", could not be started"
	}
	return ""
}

// wantedStates reads --status and --filter status=STATE; none means all.
func wantedStates(c *cli.Context) ([]string, error) {
	states := c.StringSlice("status")
	for _, filter := range c.StringSlice("filter") {
		name, value, _ := strings.Cut(filter, "=")
		if name != "status" {
			return nil, &usageError{command: "ps", text: fmt.Sprintf("--filter %q is not known", filter), hint: "write --filter status=STATE"}
		}
		states = append(states, value)
	}
	for _, state := range states {
		if !slices.Contains(dockerStates[:], state) {
			return nil, &usageError{command: "ps", text: fmt.Sprintf("%q is no status", state), hint: "use one of " + strings.Join(dockerStates[:], ", ")}
		}
	}
	return states, nil
}
