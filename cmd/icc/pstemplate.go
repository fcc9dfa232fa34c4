package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
)

// psTemplate prints instances as docker's `ps --format TEMPLATE` does. With heads, it prints a table.
type psTemplate struct{ rows, heads *template.Template }

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
	t := &psTemplate{}
	var err error
	if t.rows, err = template.New("--format").Funcs(templateFunctions()).Parse(text); err != nil {
		return "", nil, badTemplate(err)
	}
	if table {
		if t.heads, err = t.rows.Clone(); err != nil {
			return "", nil, badTemplate(err)
		}
		t.heads.Funcs(headFunctions())
	}
	// An instance without anything shows which fields there are none of. What else fails may succeed with a real one.
	if err := t.rows.Execute(io.Discard, templateRow{}); err != nil && noField.MatchString(err.Error()) {
		return "", nil, badTemplate(err)
	}
	return "template", t, nil
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
	if t.heads == nil {
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
		return nil
	}
	var heads strings.Builder
	_ = t.heads.Execute(&heads, templateHeads()) // a condition on values has no head, as with docker
	table := view.NewTable(strings.Split(heads.String(), "\t")...)
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

var noField = regexp.MustCompile(`can't evaluate field (\S+)`)

// badTemplate says what is wrong with a template without the library's own names for things.
func badTemplate(err error) error {
	text := strings.TrimPrefix(err.Error(), "template: ")
	if m := noField.FindStringSubmatch(text); m != nil {
		return &usageError{command: "ps", text: "--format: instances have no field " + m[1], hint: "`icc ps --format json` shows the fields"}
	}
	return &usageError{command: "ps", text: text}
}
