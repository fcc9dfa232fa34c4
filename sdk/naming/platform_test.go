package naming_test

import (
	"testing"

	"github.com/icc-project/icc/sdk/naming"
)

func TestAPlatformHasOneNameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"amd64": "linux/amd64", "linux/amd64": "linux/amd64", "Linux/AMD64": "linux/amd64", "x86_64": "linux/amd64",
		"linux/arm64/v8": "linux/arm64", "aarch64": "linux/arm64", "linux/arm64/v9": "linux/arm64/v9",
		"linux/arm/v7": "linux/arm/v7", "windows/amd64": "windows/amd64", "": "",
	} {
		if got := naming.Platform(written); got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
	list := []string{"arm64", "linux/amd64"}
	for platform, want := range map[string]bool{"amd64": true, "linux/arm64/v8": true, "linux/arm/v7": false} {
		if got := naming.ListsPlatform(list, platform); got != want {
			t.Errorf("%v lists %s: %v", list, platform, got)
		}
	}
}
