package incus_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/incus"
)

func TestUsersAreReadFromTheirAddresses(t *testing.T) {
	t.Parallel()
	for use, want := range map[string][]incus.User{
		"/1.0/instances/web-1":                                  {{Kind: "instance", Name: "web-1", Project: "default"}},
		"/1.0/instances/web-1?project=a%2Bb":                    {{Kind: "instance", Name: "web-1", Project: "a+b"}},
		"/1.0/profiles/a%20b?project=shop":                      {{Kind: "profile", Name: "a b", Project: "shop"}},
		"/1.0/storage-pools/fast/volumes/custom/data?project=s": {{Kind: "volume", Name: "data", Project: "s"}},
		"/1.0/storage-pools/fast/buckets/photos":                {{Kind: "bucket", Name: "photos", Project: "default"}},
		"/1.0/instances/web-1/snapshots/before?project=shop":    {{Kind: "instance", Name: "web-1", Project: "shop"}},
		"":            nil,
		"/1.0/server": nil,
		"elsewhere":   nil,
		"%":           nil,
	} {
		if diff := cmp.Diff(want, incus.Users([]string{use})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", use, diff)
		}
	}
}
