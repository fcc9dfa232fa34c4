package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/core/suggest"
)

// ulimitNames are the limits that a process on Linux has.
func ulimitNames() []string {
	return []string{
		"as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
		"rttime", "sigpending", "stack",
	}
}

// ulimits refuses what the server would find out when it starts the process.
func (c *checker) ulimits(s serviceConfig) {
	for _, name := range sortedKeys(s.Ulimits) {
		if !slices.Contains(ulimitNames(), name) {
			hint := "the limits are: " + strings.Join(ulimitNames(), ", ")
			if n := suggest.Nearest(name, ulimitNames()); n != "" {
				hint = fmt.Sprintf("did you mean %q?", n)
			}
			c.add("ulimits."+name, fmt.Sprintf("there is no limit %q", name), hint)
			continue
		}
		// -1 is no limit.
		if u := s.Ulimits[name]; u != nil && u.Hard >= 0 && (u.Soft > u.Hard || u.Soft < 0) {
			c.add("ulimits."+name, fmt.Sprintf("the soft limit %d is above the hard limit %d", u.Soft, u.Hard), "raise the hard one, or lower the soft one")
		}
	}
}
