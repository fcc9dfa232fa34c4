package main

import (
	"strings"
	"testing"

	"github.com/icc-project/icc/core/compose"
)

func TestAGuessLeavesTheStandardInputToWhoeverLoadsTheProject(t *testing.T) {
	t.Parallel()
	const file = "name: shop\nservices: {web: {image: x}}\n"
	for name, load := range map[string]compose.LoadOptions{
		"named by -f":           {Files: []string{"-"}, Environment: []string{}},
		"named by COMPOSE_FILE": {Environment: []string{"COMPOSE_FILE=-"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdin := strings.NewReader(file)
			load.WorkingDir, load.Stdin = t.TempDir(), stdin
			if guessed, err := guessedName(load); err == nil || stdin.Len() != len(file) {
				t.Errorf("it guessed %q, and left %d bytes of %d", guessed, stdin.Len(), len(file))
			}
		})
	}
}
