package connect

import (
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/cliconfig"

	"github.com/icc-project/icc/sdk/resource"
)

func unknownRemote(config *cliconfig.Config, wanted string) error {
	known := serverRemotes(config)
	return resource.ErrNotFound.WithText(fmt.Sprintf("there is no Incus remote %q", wanted)).
		WithHint(fmt.Sprintf("known remotes: %s%s; add one with `incus remote add %s https://host:8443`",
			strings.Join(known, ", "), didYouMean(wanted, known), wanted))
}

// didYouMean returns " (did you mean "x"?)" for the candidate that is at most two typing errors away, else nothing.
func didYouMean(wanted string, candidates []string) string {
	best, distance := "", 3
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(wanted), strings.ToLower(c)); d < distance && d < len(wanted) {
			best, distance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// editDistance counts the insertions, deletions and replacements that turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
