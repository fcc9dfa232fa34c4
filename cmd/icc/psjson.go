package main

import (
	"io"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// psRow is docker compose's JSON form of an instance, with its field names.
type psRow struct {
	Name       string      `json:"Name"`
	Project    string      `json:"Project"`
	Service    string      `json:"Service"`
	Image      string      `json:"Image"`
	Command    string      `json:"Command"`
	State      string      `json:"State"`
	Status     string      `json:"Status"`
	Health     string      `json:"Health"`
	ExitCode   int         `json:"ExitCode"`
	CreatedAt  string      `json:"CreatedAt"`
	RunningFor string      `json:"RunningFor"`
	Labels     string      `json:"Labels"`
	Mounts     string      `json:"Mounts"`
	Networks   string      `json:"Networks"`
	Ports      string      `json:"Ports"`
	Publishers []publisher `json:"Publishers"`
	// Addresses are Incus', by network.
	Addresses map[string]string `json:"Addresses,omitempty"`
	// ExitReason says why the process ended: exited, signal, out-of-memory or start-failed. Error is for people.
	ExitReason string `json:"ExitReason,omitempty"`
	Error      string `json:"Error,omitempty"`
	// Restarts counts the automatic ones since the instance's start.
	Restarts int `json:"Restarts,omitempty"`
	// Pending are the changes that take effect with the next start.
	Pending []string `json:"Pending,omitempty"`
	// HealthLog has the latest results of the health test, oldest first.
	HealthLog []kinds.HealthResult `json:"HealthLog,omitempty"`
}

type publisher struct {
	URL           string `json:"URL"`
	TargetPort    int    `json:"TargetPort"`
	PublishedPort int    `json:"PublishedPort"`
	Protocol      string `json:"Protocol"`
}

func printPsJSON(w io.Writer, project string, list []instance) error {
	rows := make([]psRow, len(list))
	for n, i := range list {
		rows[n] = psRowOf(project, i)
	}
	return printJSONLines(w, rows)
}

func psRowOf(project string, i instance) psRow {
	row := psRow{
		Name: i.name(), Project: project, Service: i.Service, Image: i.Image, Command: i.Command, State: dockerState(i),
		Status: statusText(i), Health: dockerHealth(i), CreatedAt: i.CreatedAt.Format("2006-01-02 15:04:05 -0700 MST"),
		RunningFor: ago(i.CreatedAt), Labels: joinMap(i.Labels), Mounts: strings.Join(i.Mounts, ","),
		Networks: strings.Join(i.Networks, ","), Ports: portsText(openPorts(i)), Publishers: []publisher{}, Addresses: i.Addresses,
		ExitReason: i.ExitReason, Error: i.Error, Restarts: i.Restarts, Pending: i.Pending, HealthLog: i.HealthLog,
	}
	if i.ExitCode != nil {
		row.ExitCode = *i.ExitCode
	}
	for _, p := range openPorts(i) {
		for n := range max(p.Count, 1) {
			url := p.HostIP
			if url == "" {
				url = "0.0.0.0"
			}
			row.Publishers = append(row.Publishers, publisher{url, p.Target + n, p.Published + n, p.Protocol})
		}
	}
	return row
}

// dockerHealth is empty where there is no health check.
func dockerHealth(i instance) string {
	if i.Health == resource.HealthUnknown {
		return ""
	}
	return i.Health
}

func joinMap(m map[string]string) string {
	var parts []string
	for k, v := range m {
		parts = append(parts, k+"="+v)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}
