package reference_test

import (
	"strings"
	"testing"

	"github.com/icc-project/icc/plugins/image/reference"
)

func TestAliasFitsAndStaysUnique(t *testing.T) {
	t.Parallel()
	long := "ghcr.io/" + strings.Repeat("organisation/", 6) + "app"
	seen := map[string]string{}
	for _, ref := range []string{
		"redis:8", "redis@" + digest, "redis@" + digest[:len(digest)-1] + "0", long + ":1", long + ":2", long + "@" + digest,
	} {
		parsed, err := reference.Parse(ref, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, variant := range []string{"", "linux/386", "linux/arm/v7"} {
			alias := parsed.Alias(variant)
			if len(alias) > 64 {
				t.Errorf("%s %s: alias %q has %d characters", ref, variant, alias, len(alias))
			}
			if other, taken := seen[alias]; taken {
				t.Errorf("%s %s and %s share the alias %q", ref, variant, other, alias)
			}
			seen[alias] = ref + " " + variant
		}
	}
	pinned, err := reference.Parse("redis@"+digest, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "docker.io/library/redis@sha256:2c26b46b68ff~"; !strings.HasPrefix(pinned.Alias(""), want) {
		t.Errorf("alias of a pinned image is %q, want %q and a hash", pinned.Alias(""), want)
	}
}
