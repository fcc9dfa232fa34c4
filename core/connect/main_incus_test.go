//go:build incus

package connect

import (
	"os"
	"testing"

	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) {
	runChild()
	forgetUser()
	os.Exit(testbed.Main(m, "connect"))
}
