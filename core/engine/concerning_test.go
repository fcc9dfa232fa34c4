package engine

import (
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestWhatIsWrongOutsideTheSelectionHindersNobody(t *testing.T) {
	t.Parallel()
	_, m, o := look(t, newWorld(), shop())
	image, web := ref(resource.KindImage, "redis:8"), ref(resource.KindInstance, "web-1")
	gone := ref(resource.KindInstance, "not-declared-1")
	for name, tt := range map[string]struct {
		about     resource.Ref
		selection Selection
		hinders   bool
	}{
		"everything is selected":                {image, nil, true},
		"it is selected":                        {image, Selection{image: true}, true},
		"something else is selected":            {image, Selection{web: true}, false},
		"it is about no resource":               {resource.Ref{}, Selection{web: true}, true},
		"it is about what no declaration names": {gone, Selection{web: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := &Observation{States: o.States, Diagnostics: []resource.Diagnostic{
				{Severity: resource.SeverityError, Ref: tt.about, Text: "it is broken"},
			}}
			err := seen.ErrOf(m, tt.selection)
			if hinders := err != nil && strings.Contains(err.Error(), "it is broken"); hinders != tt.hinders {
				t.Errorf("got the error %v, want one: %t", err, tt.hinders)
			}
			if said := len(seen.Concerning(m, tt.selection)) == 1; said != tt.hinders {
				t.Errorf("the diagnostic is told: %t, want %t", said, tt.hinders)
			}
		})
	}
}
