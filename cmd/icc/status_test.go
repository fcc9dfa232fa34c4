package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestTheStatusIsInDockersWords(t *testing.T) {
	t.Parallel()
	before := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	code := func(n int) *int { return &n }
	for _, tt := range []struct {
		status      string
		out         kinds.InstanceOutputs
		state, text string
	}{
		{"running", kinds.InstanceOutputs{StartedAt: before(5*time.Minute + time.Second)}, "running", "Up 5 minutes"},
		{"running", kinds.InstanceOutputs{StartedAt: before(70 * time.Second), Health: "healthy"}, "running", "Up About a minute (healthy)"},
		{"running", kinds.InstanceOutputs{StartedAt: before(2500 * time.Millisecond), Health: "starting"}, "running", "Up 2 seconds (health: starting)"},
		{"running", kinds.InstanceOutputs{StartedAt: before(3 * time.Hour), Health: "unhealthy"}, "running", "Up 3 hours (unhealthy)"},
		{"running", kinds.InstanceOutputs{StartedAt: before(50 * time.Hour), Health: "unknown"}, "running", "Up 2 days"},
		{"running", kinds.InstanceOutputs{Restarting: true, ExitCode: code(1), FinishedAt: before(5500 * time.Millisecond)}, "restarting", "Restarting (1) 5 seconds ago"},
		{"running", kinds.InstanceOutputs{StartedAt: before(time.Hour), ExitCode: code(1), FinishedAt: before(2 * time.Hour)}, "running", "Up About an hour"},
		{"running", kinds.InstanceOutputs{StartedAt: before(time.Hour), ExitCode: code(1), FinishedAt: before(0)}, "exited", "Exited (1) Less than a second ago"},
		{"paused", kinds.InstanceOutputs{StartedAt: before(90 * time.Minute), Health: "healthy"}, "paused", "Up About an hour (Paused)"},
		{"stopped", kinds.InstanceOutputs{}, "created", "Created"},
		{"stopped", kinds.InstanceOutputs{StartedAt: before(time.Hour), Health: "stopped"}, "exited", "Exited"},
		{"stopped", kinds.InstanceOutputs{ExitCode: code(137), FinishedAt: before(200 * time.Second)}, "exited", "Exited (137) 3 minutes ago"},
		{"stopped", kinds.InstanceOutputs{ExitCode: code(0), FinishedAt: before(0)}, "exited", "Exited (0) Less than a second ago"},
		{"stopped", kinds.InstanceOutputs{ExitCode: code(137), FinishedAt: before(20 * 24 * time.Hour), ExitReason: initspec.ReasonOOM}, "exited", "Exited (137) 2 weeks ago, out of memory"},
		{"stopped", kinds.InstanceOutputs{ExitCode: code(127), ExitReason: initspec.ReasonStartFailed}, "exited", "Exited (127), could not be started"},
		{"error", kinds.InstanceOutputs{}, "error", "error"},
	} {
		i := instance{State: resource.State{Status: tt.status}, InstanceOutputs: tt.out}
		if diff := cmp.Diff([]string{tt.state, tt.text}, []string{dockerState(i), statusText(i)}); diff != "" {
			t.Errorf("%s %+v (-want +got):\n%s", tt.status, tt.out, diff)
		}
	}
}

func TestPsTellsWhatWaitsForARestart(t *testing.T) {
	t.Parallel()
	i := instance{State: resource.State{Status: "running", Pending: []string{"environment.MODE"}}, InstanceOutputs: kinds.InstanceOutputs{Health: "healthy"}}
	if got := statusText(i); got != "Up (healthy) (restart pending)" {
		t.Errorf("the status is %q", got)
	}
	if diff := cmp.Diff(i.Pending, psRowOf("shop", i).Pending); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPsJSONTellsWhyAProcessEndedAndWhatItsHealthWas(t *testing.T) {
	t.Parallel()
	log := []kinds.HealthResult{{ExitCode: 1, Output: "no answer"}}
	row := psRowOf("shop", instance{State: resource.State{Status: "stopped"}, InstanceOutputs: kinds.InstanceOutputs{
		ExitCode: new(int), ExitReason: "start-failed", Error: "no such file", Restarts: 3, HealthLog: log, Health: "unknown",
	}})
	if row.ExitReason != "start-failed" || row.Error != "no such file" || row.Restarts != 3 || row.Health != "" || row.State != "exited" {
		t.Errorf("the row is %+v", row)
	}
	if diff := cmp.Diff(log, row.HealthLog); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPsShowsPortsOfWhatRuns(t *testing.T) {
	t.Parallel()
	port := kinds.Port{Published: 8080, Target: 80, Protocol: "tcp"}
	code := 0
	for name, c := range map[string]struct {
		status string
		exit   *int
		want   string
	}{
		"what runs":             {resource.StatusRunning, nil, "0.0.0.0:8080->80/tcp"},
		"what is paused":        {resource.StatusPaused, nil, "0.0.0.0:8080->80/tcp"},
		"what was only created": {resource.StatusStopped, nil, ""},
		"what has ended":        {resource.StatusStopped, &code, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := psRowOf("shop", instance{
				State: resource.State{Status: c.status}, InstanceOutputs: kinds.InstanceOutputs{Ports: []kinds.Port{port}, ExitCode: c.exit},
			})
			if row.Ports != c.want || len(row.Publishers) > 0 != (c.want != "") {
				t.Errorf("ports %q, publishers %v, want %q", row.Ports, row.Publishers, c.want)
			}
		})
	}
}
