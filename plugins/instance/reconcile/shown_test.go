package reconcile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestFieldsAreShownAsComposeFilesHaveThem(t *testing.T) {
	t.Parallel()
	policy := resource.FieldChange{Path: "restart", Before: "no", After: "on-failure:3"}
	boot := resource.FieldChange{Path: "boot.autostart", Before: "false"}
	tests := []struct {
		name   string
		incus  map[string]string
		fields []resource.FieldChange
		want   []resource.FieldChange
	}{
		{"a policy is told once", nil, []resource.FieldChange{boot, policy}, []resource.FieldChange{policy}},
		{"but what x-incus says of the boot is told, too", map[string]string{"boot.autostart": "true"},
			[]resource.FieldChange{boot, policy},
			[]resource.FieldChange{{Path: "boot.autostart", Compose: "x-incus.boot.autostart", Before: "false"}, policy}},
		{"what only the boot tells has the policy's name", nil,
			[]resource.FieldChange{{Path: "boot.autostart", After: "true"}},
			[]resource.FieldChange{{Path: "boot.autostart", Compose: "restart", After: "always"}}},
		{"dependencies are named", nil,
			[]resource.FieldChange{{
				Path:   "user.icc.depends-on",
				Before: `[{"to":{"kind":"instance","name":"db-1"},"condition":"started"}]`,
				After:  `[{"to":{"kind":"instance","name":"db-1"},"condition":"healthy","restart":true},{"to":{"kind":"instance","name":"db-2"},"condition":"started"}]`,
			}},
			[]resource.FieldChange{{Path: "user.icc.depends-on", Compose: "depends_on", Before: "db-1", After: "db-1 (healthy, restart), db-2"}}},
		{"what cannot be read is shown as it is", nil,
			[]resource.FieldChange{{Path: "user.icc.depends-on", Before: "by hand"}},
			[]resource.FieldChange{{Path: "user.icc.depends-on", Compose: "depends_on", Before: "by hand"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := NewNames(kinds.InstanceConfig{Incus: tt.incus}, nil, &api.Instance{}).Fields(tt.fields)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
