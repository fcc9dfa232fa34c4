package record_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk/kinds"
)

const digest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

func TestAliasSurvivesItsDescription(t *testing.T) {
	t.Parallel()
	for _, want := range []record.Alias{
		{},
		{Digest: digest, Pulled: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{Digest: digest, Project: "my shop=1", Name: "localhost/a b:1"},
	} {
		got, ok := record.ParseAlias(want.Description())
		if !ok {
			t.Errorf("%q is not taken for icc's own", want.Description())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", want.Description(), diff)
		}
	}
}

func TestParseAliasLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for _, description := range []string{"", "iccs=1", "my own alias", "digest=" + digest} {
		if _, ok := record.ParseAlias(description); ok {
			t.Errorf("%q was taken for icc's own", description)
		}
	}
}

func TestConfigsOfOneImageStayApart(t *testing.T) {
	t.Parallel()
	other := "sha256:ffff" + digest[len("sha256:ffff"):]
	properties := map[string]string{}
	for d, command := range map[string]string{digest: "one", other: "two"} {
		p, err := record.Config{Digest: d, Process: &kinds.ImageProcess{Cmd: []string{command}}}.Properties("0.1.0")
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range p {
			properties[k] = v
		}
	}
	for d, command := range map[string]string{digest: "one", other: "two"} {
		c := record.ConfigOf(properties, d)
		if c == nil || c.Process.Cmd[0] != command {
			t.Errorf("the configuration of %s is %+v, want command %q", d, c, command)
		}
	}
	for _, d := range []string{"", "sha256:1234", digest[:30] + other[30:63] + "0"} {
		if c := record.ConfigOf(properties, d); c != nil {
			t.Errorf("there is a configuration for %q: %+v", d, c)
		}
	}
	if !record.Ours(properties) || record.Ours(map[string]string{"type": "oci"}) {
		t.Error("icc's images are not told from others")
	}
}
