//go:build incus

package main

import (
	"os"
	"testing"

	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.OnHost(m, toolName)) }
