package main

import (
	"testing"

	"github.com/icc-project/icc/test/testbed/builders"
)

func TestTheDocumentsSayWhatPodmanCannotDo(t *testing.T) {
	t.Parallel()
	builders.Documented(t, toolName, tool().Unsupported)
}
