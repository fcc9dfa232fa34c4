package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// declare returns a declaration of a volume of project "shop".
func declare(t testing.TB, key string, c kinds.VolumeConfig) resource.Declaration {
	t.Helper()
	if c.Project == "" {
		c.Project = "shop"
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return resource.Declaration{Ref: resource.Ref{Kind: resource.KindStorageVolume, Name: key}, Config: b}
}

func configured(t testing.TB, s sdk.Settings) *provider {
	t.Helper()
	p := newProvider()
	if err := p.Configure(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNamesOnTheServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		owned  bool
		key    string
		config kinds.VolumeConfig
		want   string
	}{
		{"a volume is called after its project and key", true, "data", kinds.VolumeConfig{}, "shop_data"},
		{"so it is in an Incus project of others", false, "data", kinds.VolumeConfig{}, "shop_data"},
		{"a name of its own has no project", true, "data", kinds.VolumeConfig{Name: "pg"}, "pg"},
		{"an external one has its key's name", true, "backup", kinds.VolumeConfig{External: true}, "backup"},
		{"an external one's name is taken as it is", true, "b", kinds.VolumeConfig{External: true, Name: "Odd.Name"}, "Odd.Name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, sdk.Settings{ComposeProject: "shop", ProjectOwned: tt.owned, StoragePool: "default"})
			r, err := p.Resolve(t.Context(), []resource.Declaration{declare(t, tt.key, tt.config)})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Resolved[0].IncusName; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTwoVolumesOfOneNameAreRefused(t *testing.T) {
	t.Parallel()
	p := configured(t, sdk.Settings{ComposeProject: "shop", ProjectOwned: true})
	r, err := p.Resolve(t.Context(), []resource.Declaration{
		declare(t, "a", kinds.VolumeConfig{Name: "same"}), declare(t, "b", kinds.VolumeConfig{Name: "same"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Severity != resource.SeverityError || r.Diagnostics[0].Hint == "" {
		t.Errorf("want one error with a hint, got %+v", r.Diagnostics)
	}
}

func TestExternalVolumesCannotBeDeleted(t *testing.T) {
	t.Parallel()
	p := configured(t, sdk.Settings{ComposeProject: "shop", ProjectOwned: true})
	r, err := p.Resolve(t.Context(), []resource.Declaration{declare(t, "a", kinds.VolumeConfig{External: true})})
	if err != nil {
		t.Fatal(err)
	}
	if resource.SupportsAction(r.Resolved[0], resource.ActionDelete) {
		t.Error("an external volume offers to be deleted")
	}
	// Even when somebody asks for it nonetheless, no server is dialled.
	if _, err := p.Run(t.Context(), sdk.RunRequest{Resource: r.Resolved[0], Action: resource.ActionDelete}, resource.Discard{}); err != nil {
		t.Errorf("deleting an external volume: %v", err)
	}
}

func TestRubbishConfigurationIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]error{`{"files": 3}`: resource.ErrInvalidFormat, `{"pol": "x"}`: resource.ErrUnknownConfig} {
		d := declare(t, "data", kinds.VolumeConfig{})
		d.Config = []byte(config)
		_, err := newProvider().Resolve(t.Context(), []resource.Declaration{d})
		if !errors.Is(err, want) || !strings.Contains(err.Error(), "storage-volume data") {
			t.Errorf("%s: got %v", config, err)
		}
	}
}

func volumeOf(t testing.TB, key string, c kinds.VolumeConfig) volume {
	t.Helper()
	d := declare(t, key, c)
	v, err := parse(sdk.Settings{StoragePool: "default"}, resource.Resolved{Ref: d.Ref, IncusName: "shop_" + key, Config: d.Config})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// stored is what the server has after v was made from its declaration.
func stored(v volume) api.StorageVolume {
	record := contents{}
	for _, f := range v.Files {
		record[f.Path] = digest(f)
	}
	return api.StorageVolume{Name: v.incusName, Type: volumeType, StorageVolumePut: api.StorageVolumePut{
		Config: incus.Merge(v.wanted(), record.config(), map[string]string{"volatile.uuid": "1", "size": "by hand"}),
	}}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	secret := kinds.VolumeFile{Path: "web/key", Content: []byte("s3cret"), Mode: 0o400, Sensitive: true}
	other := secret
	other.Content = []byte("changed")
	owner := secret
	owner.UID = 5
	before := kinds.VolumeConfig{
		Labels: map[string]string{"a": "1", "b": "2"}, Incus: map[string]string{"snapshots.expiry": "1d"}, Files: []kinds.VolumeFile{secret},
	}
	with := func(edit func(*kinds.VolumeConfig)) kinds.VolumeConfig { c := before; edit(&c); return c }
	tests := []struct {
		name  string
		now   kinds.VolumeConfig
		class resource.Class
		paths []string
	}{
		{"the same declaration changes nothing, whatever was set by hand", before, resource.ClassNone, nil},
		{"a new value of a label", with(func(c *kinds.VolumeConfig) { c.Labels = map[string]string{"a": "9", "b": "2"} }),
			resource.ClassLive, []string{"config.user.label.a"}},
		{"a label that is gone", with(func(c *kinds.VolumeConfig) { c.Labels = map[string]string{"a": "1"} }),
			resource.ClassLive, []string{"config.user.label.b"}},
		{"a key of x-incus that is gone", with(func(c *kinds.VolumeConfig) { c.Incus = nil }),
			resource.ClassLive, []string{"config.snapshots.expiry"}},
		{"a new key of x-incus over one set by hand",
			with(func(c *kinds.VolumeConfig) { c.Incus = map[string]string{"snapshots.expiry": "1d", "size": "1GiB"} }),
			resource.ClassLive, []string{"config.size"}},
		{"another content of a file", with(func(c *kinds.VolumeConfig) { c.Files = []kinds.VolumeFile{other} }),
			resource.ClassLive, []string{"files.web/key"}},
		{"another owner of a file", with(func(c *kinds.VolumeConfig) { c.Files = []kinds.VolumeFile{owner} }),
			resource.ClassLive, []string{"files.web/key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := volumeOf(t, "data", tt.now).change(stored(volumeOf(t, "data", before)), true)
			var paths []string
			for _, f := range got.Fields {
				paths = append(paths, f.Path)
			}
			if diff := cmp.Diff(tt.paths, paths); diff != "" || got.Class != tt.class {
				t.Errorf("class %s, fields (-want +got):\n%s", got.Class, diff)
			}
		})
	}
}

func TestAMarkThatOlderVersionsDidNotKnowComesAlongWithTheNextChange(t *testing.T) {
	t.Parallel()
	labelled := volumeOf(t, "data", kinds.VolumeConfig{Labels: map[string]string{"a": "1"}})
	sv := stored(volumeOf(t, "data", kinds.VolumeConfig{}))
	delete(sv.Config, resource.KeyObject)
	if c := volumeOf(t, "data", kinds.VolumeConfig{}).change(sv, true); c.Class != resource.ClassNone || c.Fields != nil {
		t.Errorf("the missing mark is a change: %+v", c)
	}
	if c := labelled.change(sv, true); c.Reason != "labels.a differs" || len(c.Fields) != 1 {
		t.Errorf("the change of a label is %+v", c)
	}
	sv.Config[resource.KeyObject] = "another"
	if c := volumeOf(t, "data", kinds.VolumeConfig{}).change(sv, true); c.Class != resource.ClassLive {
		t.Errorf("a mark that is wrong is no change: %+v", c)
	}
}

func TestAnInterruptedFillingIsPlannedAgain(t *testing.T) {
	t.Parallel()
	v := volumeOf(t, "data", kinds.VolumeConfig{Seed: "/srv/seed"})
	sv := stored(v)
	sv.Config[keyIncomplete] = "true"
	if c := v.change(sv, true); c.Class != resource.ClassLive || c.Reason == "" {
		t.Errorf("got %+v", c)
	}
}

func TestSecretsAreNotShownInPlans(t *testing.T) {
	t.Parallel()
	file := kinds.VolumeFile{Path: "key", Content: []byte("s3cret"), Sensitive: true}
	old := volumeOf(t, "data", kinds.VolumeConfig{Files: []kinds.VolumeFile{{Path: "key", Content: []byte("older")}}})
	c := volumeOf(t, "data", kinds.VolumeConfig{Files: []kinds.VolumeFile{file}}).change(stored(old), true)
	if len(c.Fields) != 1 || !c.Fields[0].Sensitive || c.Fields[0].Before+c.Fields[0].After != "" {
		t.Errorf("the change tells about the secret: %+v", c.Fields)
	}
}

func TestVolumesOfOthersAreUsedAsTheyAre(t *testing.T) {
	t.Parallel()
	v := volumeOf(t, "data", kinds.VolumeConfig{Name: "pg", Labels: map[string]string{"new": "label"}})
	sv := api.StorageVolume{Name: "pg", StorageVolumePut: api.StorageVolumePut{Config: map[string]string{resource.KeyProject: "elsewhere"}}}
	if c := v.change(sv, true); c.Class != resource.ClassNone {
		t.Errorf("a volume of another project would be changed: %+v", c)
	}
	if s := v.state(sv, true); !s.External {
		t.Error("a volume of another project may be deleted")
	}
	if d := v.finding(sdk.Settings{}, sv, true, true); d == nil || d.Severity != resource.SeverityWarning {
		t.Errorf("nobody is told: %+v", d)
	}
}

func TestARecordNobodyCanReadIsNoRecord(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "null", "[1]", "{"} {
		if got := readContents(map[string]string{keyContents: text}); got == nil || len(got) != 0 {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func TestAnAdjustedVolumeIsDescribedAsTheNextPlanWillSeeIt(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{false, true} {
		v := volume{pool: "fast", incusName: "shop_data", ref: resource.Ref{Kind: resource.KindStorageVolume, Name: "data"}}
		v.Project, v.Ephemeral = "shop", !ephemeral
		before := api.StorageVolume{Name: "shop_data", UsedBy: []string{"/1.0/instances/web-1"}}
		before.Config = incus.Merge(v.wanted(), map[string]string{keyCopied: "true"})
		v.Ephemeral = ephemeral
		after := before
		after.Config = incus.Merge(v.wanted(), map[string]string{keyCopied: "true"}) // as configure writes it
		if diff := cmp.Diff(outputs(v.pool, false, after), v.adjusted(before)); diff != "" {
			t.Errorf("ephemeral %v (-next plan +ensure):\n%s", ephemeral, diff)
		}
	}
}
