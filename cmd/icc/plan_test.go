package main

import (
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestFieldsOfAPlanSayWhatBecomesOfThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field resource.FieldChange
		want  string
	}{
		{resource.FieldChange{Path: "a", Before: "1", After: "2", Class: resource.ClassLive}, "a: 1 -> 2 (live)"},
		{resource.FieldChange{Path: "a", After: "2", Class: resource.ClassLive}, "a: 2 (live)"},
		{resource.FieldChange{Path: "a", Before: "1", Class: resource.ClassLive}, "a: 1 goes away (live)"},
		{resource.FieldChange{Path: "a", Class: resource.ClassLive}, "a: changed (live)"},
		{resource.FieldChange{Path: "a", Sensitive: true, Class: resource.ClassRecreate}, "a: changed (recreate)"},
	} {
		if got := fieldText(tt.field); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.field, got, tt.want)
		}
	}
}
