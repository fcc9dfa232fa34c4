package view

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table prints aligned columns as docker compose does: upper-case heads, three spaces between columns.
type Table struct{ rows [][]string }

// NewTable returns a table with the given heads.
func NewTable(heads ...string) *Table { return &Table{rows: [][]string{heads}} }

// Row adds a row.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Print writes the table, without blanks at the ends of lines.
func (t *Table) Print(w io.Writer) {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 8, 3, ' ', 0)
	for _, r := range t.rows {
		fmt.Fprintln(tw, strings.Join(r, "\t"))
	}
	_ = tw.Flush() // a builder takes everything
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n")) // w's own errors show when the process ends
	}
}
