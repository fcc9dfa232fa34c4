//go:build incus

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

func TestAHundredThousandLinesOfTwentyServicesArriveInOrder(t *testing.T) {
	t.Parallel()

	const services, lines = 20, 5000

	compose := "services:\n"
	for i := range services {
		compose += fmt.Sprintf("  s%02d: {image: \"busybox:1\", command: [sh, -c, \"seq 1 %d\"]}\n", i, lines)
	}

	p := newProject(t, compose)
	p.ok("up", "-d")

	for i := range services {
		p.untilState(fmt.Sprintf("s%02d", i), "exited")
	}

	next := map[string]int{}

	for line := range strings.Lines(p.ok("logs").stdout) {
		name, text, ok := strings.Cut(line, "|")
		name = strings.TrimSpace(name)
		next[name]++

		if want := fmt.Sprint(next[name]); !ok || strings.TrimSpace(text) != want {
			t.Fatalf("%s: want line %s, got %q", name, want, line)
		}
	}

	if len(next) != services {
		t.Errorf("lines of %d services, want %d", len(next), services)
	}

	for name, n := range next {
		if n != lines {
			t.Errorf("%s: %d lines, want %d", name, n, lines)
		}
	}
}
