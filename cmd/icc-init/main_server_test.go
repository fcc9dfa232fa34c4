//go:build incus

package main_test

import (
	"os"
	"testing"

	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "init")) }
