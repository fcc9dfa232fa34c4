package users_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/cmd/icc-init/users"
)

const passwd = `root:x:0:0:root:/root:/bin/sh
# a comment
broken
app:x:1000:1001:App:/srv/app:/bin/false
homeless:x:7:7::
123:x:999:998::/numeric:/bin/false
`

const group = `root:x:0:
wheel:x:10:root,app
docker:x:50:app
app:x:1001:
123:x:77:
`

func TestUsersAreResolvedAsDockerDoes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		user       string
		additional []string
		want       users.Identity
		err        string
	}{
		"nobody named is root":                           {"", nil, users.Identity{0, 0, []int{0, 10}, "/root"}, ""},
		"a name brings its group, groups and home":       {"app", nil, users.Identity{1000, 1001, []int{1001, 10, 50}, "/srv/app"}, ""},
		"a listed number is the same user":               {"1000", nil, users.Identity{1000, 1001, []int{1001, 10, 50}, "/srv/app"}, ""},
		"a number that is not listed has the group root": {"4242", nil, users.Identity{4242, 0, []int{0}, "/"}, ""},
		"a given group drops the user's other groups":    {"app:docker", nil, users.Identity{1000, 50, []int{50}, "/srv/app"}, ""},
		"numbers need no entry":                          {"5:6", nil, users.Identity{5, 6, []int{6}, "/"}, ""},
		"a name of digits wins over the number":          {"123", nil, users.Identity{999, 998, []int{998}, "/numeric"}, ""},
		"a group of digits as well":                      {"app:123", nil, users.Identity{1000, 77, []int{77}, "/srv/app"}, ""},
		"an empty group is none":                         {"app:", nil, users.Identity{1000, 1001, []int{1001, 10, 50}, "/srv/app"}, ""},
		"only a group":                                   {":docker", nil, users.Identity{0, 50, []int{50}, "/root"}, ""},
		"an entry without a home":                        {"homeless", nil, users.Identity{7, 7, []int{7}, "/"}, ""},
		"groups are added once, by name and number":      {"app", []string{"docker", "app", "4000"}, users.Identity{1000, 1001, []int{10, 50, 1001, 4000}, "/srv/app"}, ""},
		"groups are added to a given group":              {"app:app", []string{"wheel"}, users.Identity{1000, 1001, []int{1001, 10}, "/srv/app"}, ""},
		"an unknown user is refused":                     {"nosuch", nil, users.Identity{}, `unknown user "nosuch"`},
		"an unknown group is refused":                    {"app:nosuch", nil, users.Identity{}, `unknown group "nosuch"`},
		"an unknown additional group is refused":         {"app", []string{"nosuch"}, users.Identity{}, `unknown group "nosuch"`},
		"a negative number is refused":                   {"-1", nil, users.Identity{}, `unknown user "-1"`},
		"a number beyond 31 bits is refused":             {"2147483648", nil, users.Identity{}, `unknown user "2147483648"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := users.Database{Passwd: passwd, Group: group}.Resolve(tc.user, tc.additional)
			if (err == nil) != (tc.err == "") || err != nil && err.Error() != tc.err {
				t.Fatalf("got error %v, want %q", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnImageWithoutFilesKnowsNumbersOnly(t *testing.T) {
	t.Parallel()
	got, err := users.Database{}.Resolve("65534:65534", []string{"4"})
	if diff := cmp.Diff(users.Identity{65534, 65534, []int{65534, 4}, "/"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err = users.Database{}.Resolve("root", nil)
	if diff := cmp.Diff(users.Identity{Groups: []int{0}, Home: "/"}, got); diff != "" || err != nil {
		t.Errorf("root must be known without files: %s %v", diff, err)
	}
}
