package spec_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// replica is an instance of web that was made for first, long ago, and has taken the changes since.
func replica(name, first string, keys map[string]string) api.Instance {
	config := map[string]string{resource.KeyService: "web", spec.KeyFirst: first}
	maps.Copy(config, keys)
	return api.Instance{Name: name, CreatedAt: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), InstancePut: api.InstancePut{Config: config}}
}

func TestAChangeIsProvedWhenAllReplicasHaveTakenItAndNoneHasFailed(t *testing.T) {
	t.Parallel()
	took := map[string]string{spec.KeyPreviousBy: "2030-01-02T12:00:00Z v2"}
	failed := map[string]string{spec.KeyPreviousBy: "2030-01-02T12:00:01Z v2", spec.KeyPreviousFailed: "v2"}
	older := map[string]string{spec.KeyPreviousBy: "2030-01-01T12:00:00Z v1"}
	other := replica("db", "x", map[string]string{resource.KeyService: "db"})
	oneOff := replica("run", "v1", map[string]string{resource.KeyOneOff: "true"})
	copied := replica("backup", "v1", map[string]string{resource.KeyObject: "a"})
	late := replica("c", "v3", nil)
	late.CreatedAt = late.CreatedAt.AddDate(1, 0, 0)
	for name, tt := range map[string]struct {
		all  []api.Instance
		want string
	}{
		"all have":                                 {[]api.Instance{replica("a", "v1", took), replica("b", "v1", took)}, ""},
		"one has failed":                           {[]api.Instance{replica("a", "v1", took), replica("b", "v1", failed)}, "a b"},
		"one was not reached":                      {[]api.Instance{replica("a", "v1", took), replica("b", "v0", older)}, "a"},
		"one that had never changed was not":       {[]api.Instance{replica("a", "v1", took), replica("b", "v1", nil)}, "a"},
		"one was made with it":                     {[]api.Instance{replica("a", "v1", took), replica("b", "v2", nil)}, ""},
		"one was made since":                       {[]api.Instance{replica("a", "v1", took), late}, ""},
		"nothing is known of an old one":           {[]api.Instance{replica("a", "", took), replica("b", "", nil)}, ""},
		"other services and one-offs do not count": {[]api.Instance{replica("a", "v1", took), other, oneOff}, ""},
		"nor do copies by hand":                    {[]api.Instance{replica("a", "v1", took), copied}, ""},
		"what has gone back has proved itself": {[]api.Instance{
			replica("a", "v1", map[string]string{spec.KeyPreviousBy: "2030-01-02T12:00:00Z back"}), replica("b", "v1", older)}, ""},
		"a failure with an earlier change": {[]api.Instance{
			replica("a", "v1", map[string]string{spec.KeyPreviousBy: "2030-01-03T12:00:00Z v3", spec.KeyPreviousFailed: "v2"})}, ""},
	} {
		got := slices.Sorted(maps.Keys(spec.Unproved(tt.all)))
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatHasNotProvedItselfIsNothingToGoBackTo(t *testing.T) {
	t.Parallel()
	noon := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	first := &api.Instance{Name: "web", InstancePut: api.InstancePut{Config: map[string]string{resource.KeyHash: "h1", "volatile.base_image": "f1"}}}
	bad := &spec.Instance{Name: "web", Hash: "h2", Version: "v2", Config: map[string]string{}}
	if err := bad.Remember(first, noon); err != nil {
		t.Fatal(err)
	}
	have := &api.Instance{Name: "web", InstancePut: api.InstancePut{Config: maps.Clone(bad.Config)}}
	have.Config[resource.KeyHash], have.Config[spec.KeyPreviousFailed] = "h2", "v2"

	good := &spec.Instance{Name: "web", Hash: "h3", Version: "v3", Config: map[string]string{}}
	if err := good.RememberStill(have, noon); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{spec.KeyPrevious: bad.Config[spec.KeyPrevious], spec.KeyPreviousImage: "f1",
		spec.KeyPreviousBy: "2030-01-02T12:00:00Z v3", spec.KeyPreviousFailed: ""}
	if diff := cmp.Diff(want, good.Config); diff != "" {
		t.Errorf("after the third version (-want +got):\n%s", diff)
	}

	again := &spec.Instance{Name: "web", Hash: "h1", Version: "v1", Config: map[string]string{}}
	if err := again.RememberStill(have, noon); err != nil {
		t.Fatal(err)
	}
	want = map[string]string{spec.KeyPrevious: "", spec.KeyPreviousImage: "", spec.KeyPreviousFailed: "", spec.KeyPreviousBy: "2030-01-02T12:00:00Z back"}
	if diff := cmp.Diff(want, again.Config); diff != "" {
		t.Errorf("after the first version again (-want +got):\n%s", diff)
	}
}

func TestAVerdictIsWrittenWhereItSaysSomethingNew(t *testing.T) {
	t.Parallel()
	const by = "2030-01-02T12:00:00Z v2"
	for name, tt := range map[string]struct {
		config map[string]string
		works  bool
		want   map[string]string
	}{
		"it fails":                   {map[string]string{spec.KeyPrevious: "x", spec.KeyPreviousBy: by}, false, map[string]string{spec.KeyPreviousFailed: "v2"}},
		"it fails again":             {map[string]string{spec.KeyPrevious: "x", spec.KeyPreviousBy: by, spec.KeyPreviousFailed: "v2"}, false, nil},
		"it works by now":            {map[string]string{spec.KeyPrevious: "x", spec.KeyPreviousBy: by, spec.KeyPreviousFailed: "v2"}, true, map[string]string{spec.KeyPreviousFailed: ""}},
		"it works":                   {map[string]string{spec.KeyPrevious: "x", spec.KeyPreviousBy: by}, true, nil},
		"it has never been changed":  {nil, false, nil},
		"it has gone back and fails": {map[string]string{spec.KeyPreviousBy: "2030-01-02T12:00:00Z back"}, false, nil},
	} {
		inst := &api.Instance{InstancePut: api.InstancePut{Config: tt.config}}
		if diff := cmp.Diff(tt.want, spec.Verdict(inst, tt.works)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
