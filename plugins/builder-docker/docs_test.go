package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/icc-project/icc/test/testbed/builders"
)

func TestTheDocumentsSayWhatDockerCannotDo(t *testing.T) {
	t.Parallel()
	for column, way := range map[string]way{
		"docker with buildx": buildx, "docker without buildx": classic, "docker before 23": embedded,
	} {
		builders.Documented(t, column, slices.AppendSeq(tool().Unsupported, maps.Keys(way.lacks(way == embedded))))
	}
}
