package incus

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/resource"
)

func TestDriftTellsWhatOthersChangedOnWhatIccWrote(t *testing.T) {
	t.Parallel()
	written := map[string]string{"limits.memory": "64MiB", "security.nesting": "true", "user.label.a": "1"}
	names := []string{"limits.memory", "security.nesting", "user.label.a"}
	for name, tt := range map[string]struct {
		current, want map[string]string
		fields        []resource.FieldChange
	}{
		"nothing is changed": {current: written, want: written},
		"a key was changed": {
			current: map[string]string{"limits.memory": "1GiB", "security.nesting": "true", "user.label.a": "1"}, want: written,
			fields: []resource.FieldChange{{Path: "limits.memory", Before: "64MiB", After: "1GiB", Class: resource.ClassLive}},
		},
		"a key was changed, and then the file": {
			current: map[string]string{"limits.memory": "1GiB", "security.nesting": "true", "user.label.a": "1"},
			want:    map[string]string{"limits.memory": "2GiB", "security.nesting": "true", "user.label.a": "1"},
			fields:  []resource.FieldChange{{Path: "limits.memory", After: "1GiB", Class: resource.ClassLive}},
		},
		"a key was changed, and the file agrees by now": {
			current: map[string]string{"limits.memory": "1GiB", "security.nesting": "true", "user.label.a": "1"},
			want:    map[string]string{"limits.memory": "1GiB", "security.nesting": "true", "user.label.a": "1"},
		},
		"a key was removed": {
			current: map[string]string{"limits.memory": "64MiB", "user.label.a": "1"}, want: written,
			fields: []resource.FieldChange{{Path: "security.nesting", Before: "true", Class: resource.ClassLive}},
		},
		"keys were added": {
			current: Merge(written, map[string]string{"boot.autostart": "true", "volatile.uuid": "x", "user.icc.pending": "x"}), want: written,
			fields: []resource.FieldChange{{Path: "boot.autostart", After: "true", Class: resource.ClassNone}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := Drift{Record: Applied(written), Names: names, Current: tt.current, Want: tt.want}
			if diff := cmp.Diff(tt.fields, d.Fields()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDriftIsNotGuessedWithoutARecordOfTheSameNames(t *testing.T) {
	t.Parallel()
	record := Applied(map[string]string{"a": "1", "b": "2"})
	for _, d := range []Drift{
		{Names: []string{"a", "b"}},
		{Record: record, Names: []string{"a"}},
		{Record: record, Names: []string{"a", "c"}},
		{Record: record + "x", Names: []string{"a", "b"}},
	} {
		d.Current = map[string]string{"a": "changed"}
		if got := d.Fields(); got != nil {
			t.Errorf("%+v: %v", d, got)
		}
	}
}

func TestRecordsAreShortAndShowNoValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.MapOf(rapid.StringMatching(`[a-z.]{1,20}`), rapid.StringMatching(`[A-Z0-9]{8,40}`)).Draw(t, "values")
		record := Applied(values)
		if len(record) != (len(values)+1)*6 {
			t.Fatalf("%d values make %d bytes", len(values), len(record))
		}
		for _, v := range values {
			if strings.Contains(record, v) {
				t.Fatalf("%q is in %q", v, record)
			}
		}
	})
}
