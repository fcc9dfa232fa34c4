//go:build incus

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// row is one line of the table: times against a floor, times against a limit, sizes, or a count.
type row struct {
	what     string
	against  string
	services int
	// floor and icc are measured in turns: the ratio is taken of each pair.
	floor, icc []time.Duration
	// bar is the highest ratio, limit the longest time that is wanted; 0 means that the number is only recorded.
	bar   float64
	limit time.Duration

	bytes bool
	sizes []int64

	// counts says that the row is a number of things that there should be none of.
	counts bool
	count  int
}

func (r *row) add(floor, icc time.Duration) {
	r.floor = append(r.floor, floor)
	r.icc = append(r.icc, icc)
}

// cells are the columns of the table.
func (r *row) cells() []string {
	services := fmt.Sprint(r.services)
	if r.services == 0 {
		services = ""
	}

	head := []string{r.what, r.against, services}

	switch {
	case r.counts:
		return append(head, "", fmt.Sprint(r.count), "", "", "1", r.wanted(), r.verdict())
	case r.bytes:
		return append(head, "", megabytes(median(r.sizes)), "", spread(r.sizes, megabytes), fmt.Sprint(len(r.sizes)), "", "recorded")
	case len(r.floor) == 0:
		return append(head, "", seconds(median(r.icc)), "", spread(r.icc, seconds), fmt.Sprint(len(r.icc)), r.wanted(), r.verdict())
	}

	ratios := r.ratios()

	return append(head, seconds(median(r.floor)), seconds(median(r.icc)), times(median(ratios)), spread(ratios, times),
		fmt.Sprint(len(ratios)), r.wanted(), r.verdict())
}

func (r *row) ratios() []float64 {
	ratios := make([]float64, min(len(r.floor), len(r.icc)))
	for i := range ratios {
		ratios[i] = r.icc[i].Seconds() / r.floor[i].Seconds()
	}

	return ratios
}

func (r *row) wanted() string {
	switch {
	case r.counts:
		return "0"
	case r.bar > 0:
		return "≤ " + times(r.bar)
	case r.limit > 0:
		return "≤ " + seconds(r.limit)
	}

	return ""
}

func (r *row) verdict() string {
	met := true

	switch {
	case r.counts:
		met = r.count == 0
	case r.bar > 0:
		met = median(r.ratios()) <= r.bar
	case r.limit > 0:
		met = median(r.icc) <= r.limit
	default:
		return "recorded"
	}

	if met {
		return "met"
	}

	return "MISSED"
}

// print writes the rows as a Markdown table that is aligned for terminals, too.
func (b *bench) print(w io.Writer) {
	lines := [][]string{{"what", "floor", "services", "floor takes", "icc takes", "ratio", "spread", "runs", "bar", "verdict"}}
	for i := range b.rows {
		lines = append(lines, b.rows[i].cells())
	}

	widths := make([]int, len(lines[0]))

	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}

	for n, line := range lines {
		for i, cell := range line {
			fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}

		fmt.Fprintln(w, "|")

		if n == 0 {
			for _, width := range widths {
				fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
			}

			fmt.Fprintln(w, "|")
		}
	}
}

func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))

	return sorted[len(sorted)/2]
}

func spread[T cmp.Ordered](values []T, text func(T) string) string {
	return text(slices.Min(values)) + " – " + text(slices.Max(values))
}

func times(ratio float64) string { return fmt.Sprintf("%.2f ×", ratio) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

func seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}

	return fmt.Sprintf("%.2f s", d.Seconds())
}
