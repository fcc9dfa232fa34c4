//go:build !incus

package connect

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	runChild()
	forgetUser()
	os.Exit(m.Run())
}
