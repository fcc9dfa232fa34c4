package main

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
)

// psTemplate prints instances as docker's `ps --format TEMPLATE` does.
type psTemplate struct {
	rows  *template.Template
	table bool
}

// templateRow is an instance as templates see it. Instances have no ID but their name.
type templateRow struct {
	psRow
	ID string
}

// psFormat returns the checked value of --format: table, json, or a template.
func psFormat(c *cli.Context) (string, *psTemplate, error) {
	text := c.String("format")
	if !strings.Contains(text, "{{") {
		format, err := outputFormat(c)
		return format, nil, err
	}
	text, table := strings.CutPrefix(text, "table ")
	text = strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(text) // shells do not make tabs of them
	rows, err := template.New("--format").Funcs(templateFunctions()).Parse(text)
	if err != nil {
		return "", nil, badTemplate(err)
	}
	t := &psTemplate{rows: rows, table: table}
	return "template", t, t.print(io.Discard, "", []instance{{}})
}

// templateFunctions are docker's.
func templateFunctions() template.FuncMap {
	return template.FuncMap{
		"json": func(v any) (string, error) {
			raw, err := json.Marshal(v)
			return string(raw), err
		},
		"join": strings.Join, "split": strings.Split, "lower": strings.ToLower, "upper": strings.ToUpper,
		"println": fmt.Sprintln,
		"truncate": func(s string, n int) string {
			runes := []rune(s)
			return string(runes[:min(max(n, 0), len(runes))])
		},
	}
}

func (t *psTemplate) print(w io.Writer, project string, list []instance) error {
	var lines []string
	for _, i := range list {
		row := templateRow{psRow: psRowOf(project, i), ID: i.name()}
		line, err := t.line(row)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	if !t.table {
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
		return nil
	}
	heads, err := t.line(templateHeads())
	if err != nil {
		return err
	}
	table := view.NewTable(strings.Split(heads, "\t")...)
	for _, line := range lines {
		table.Row(strings.Split(line, "\t")...)
	}
	table.Print(w)
	return nil
}

func (t *psTemplate) line(data any) (string, error) {
	var b strings.Builder
	if err := t.rows.Execute(&b, data); err != nil {
		return "", badTemplate(err)
	}
	return b.String(), nil
}

// templateHeads are the heads of docker's columns, by their fields.
func templateHeads() map[string]string {
	return map[string]string{
		"ID": "CONTAINER ID", "Name": "NAME", "Project": "PROJECT", "Service": "SERVICE", "Image": "IMAGE", "Command": "COMMAND",
		"State": "STATE", "Status": "STATUS", "Health": "HEALTH", "ExitCode": "EXIT CODE", "CreatedAt": "CREATED AT",
		"RunningFor": "CREATED", "Labels": "LABELS", "Mounts": "MOUNTS", "Networks": "NETWORKS", "Ports": "PORTS",
		"Publishers": "PUBLISHERS", "Addresses": "ADDRESSES", "ExitReason": "EXIT REASON", "Error": "ERROR", "Restarts": "RESTARTS",
		"Pending": "PENDING", "HealthLog": "HEALTH LOG",
	}
}

// badTemplate says what is wrong with a template without the library's own names for things.
func badTemplate(err error) error {
	text := strings.TrimPrefix(err.Error(), "template: ")
	if m := regexp.MustCompile(`can't evaluate field (\S+)`).FindStringSubmatch(text); m != nil {
		return &usageError{command: "ps", text: "--format: instances have no field " + m[1], hint: "`icc ps --format json` shows the fields"}
	}
	return &usageError{command: "ps", text: text}
}
